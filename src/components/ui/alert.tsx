import { cva, type VariantProps } from "class-variance-authority";
import type { ComponentProps } from "react";
import { cn } from "../../lib/class-names.ts";

const alertVariants = cva(
  "relative grid w-full grid-cols-[auto_1fr] items-start gap-x-3 gap-y-1 rounded-lg border px-4 py-3 text-sm [&>svg]:mt-0.5 [&>svg]:size-4 [&>:not(svg)]:col-start-2",
  {
    variants: {
      variant: {
        neutral: "bg-muted/60",
        caution: "bg-caution-soft border-caution/25 [&>svg]:text-caution",
        negative: "bg-negative-soft border-negative/25 [&>svg]:text-negative",
        positive: "bg-positive-soft border-positive/25 [&>svg]:text-positive",
      },
    },
    defaultVariants: { variant: "neutral" },
  },
);

export function Alert({ className, variant, ...props }: ComponentProps<"div"> & VariantProps<typeof alertVariants>) {
  return <div role="alert" className={cn(alertVariants({ variant }), className)} {...props} />;
}

export function AlertTitle({ className, ...props }: ComponentProps<"p">) {
  return <p className={cn("font-medium", className)} {...props} />;
}

export function AlertDescription({ className, ...props }: ComponentProps<"div">) {
  return <div className={cn("text-foreground/80 space-y-1.5 text-[13px] leading-relaxed", className)} {...props} />;
}
