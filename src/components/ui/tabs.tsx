import { Tabs as TabsPrimitive } from "radix-ui";
import type { ComponentProps } from "react";
import { cn } from "../../lib/class-names.ts";

export function Tabs(props: ComponentProps<typeof TabsPrimitive.Root>) {
  return <TabsPrimitive.Root {...props} />;
}

export function TabsList({ className, ...props }: ComponentProps<typeof TabsPrimitive.List>) {
  return (
    <TabsPrimitive.List className={cn("flex w-full gap-1 overflow-x-auto border-b px-2 pt-1", className)} {...props} />
  );
}

export function TabsTrigger({ className, ...props }: ComponentProps<typeof TabsPrimitive.Trigger>) {
  return (
    <TabsPrimitive.Trigger
      className={cn(
        "text-muted-foreground hover:text-foreground data-[state=active]:text-foreground data-[state=active]:border-primary -mb-px inline-flex h-10 items-center gap-1.5 whitespace-nowrap rounded-t-md border-b-2 border-transparent px-2.5 text-[13px] font-medium outline-none focus-visible:ring-[3px] focus-visible:ring-inset focus-visible:ring-ring/60",
        className,
      )}
      {...props}
    />
  );
}

export function TabsContent({ className, ...props }: ComponentProps<typeof TabsPrimitive.Content>) {
  return (
    <TabsPrimitive.Content
      className={cn("outline-none focus-visible:ring-[3px] focus-visible:ring-ring/50 rounded-b-xl", className)}
      {...props}
    />
  );
}
