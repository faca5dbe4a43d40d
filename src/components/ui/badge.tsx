import { cva, type VariantProps } from "class-variance-authority";
import type { ComponentProps } from "react";
import { cn } from "../../lib/class-names.ts";

const badgeVariants = cva(
  "inline-flex w-fit shrink-0 items-center gap-1 whitespace-nowrap rounded-full px-2 py-0.5 text-xs font-medium [&>svg]:size-3.5",
  {
    variants: {
      variant: {
        neutral: "bg-muted text-muted-foreground",
        outline: "border text-muted-foreground",
        positive: "bg-positive-soft text-positive",
        caution: "bg-caution-soft text-caution",
        negative: "bg-negative-soft text-negative",
        progressing: "bg-progressing-soft text-progressing",
      },
    },
    defaultVariants: { variant: "neutral" },
  },
);

export type BadgeVariant = NonNullable<VariantProps<typeof badgeVariants>["variant"]>;

export function Badge(
  { className, variant, ...props }: ComponentProps<"span"> & VariantProps<typeof badgeVariants>,
) {
  return <span className={cn(badgeVariants({ variant }), className)} {...props} />;
}
