import { SquareCheckIcon, SquareIcon } from "lucide-react";
import type { ComponentProps } from "react";
import Markdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import { CopyButton } from "../../components/copy-button.tsx";
import { Card } from "../../components/ui/card.tsx";
import { headingId, textOf } from "./heading-id.ts";

type Heading = ComponentProps<"h2"> & { node?: unknown };

/** The guide's first heading is below the page's own. */
const components: Components = {
  h1: ({ node: _, ...props }: Heading) => <h2 className="mb-3 text-xl font-semibold" {...props} />,
  h2: ({ node: _, ...props }: Heading) => (
    <h2
      id={headingId(props.children)}
      className="mb-2 mt-9 scroll-mt-18 border-b pb-1.5 text-lg font-semibold"
      {...props}
    />
  ),
  h3: ({ node: _, ...props }: Heading) => (
    <h3 id={headingId(props.children)} className="mb-1.5 mt-6 scroll-mt-18 font-semibold" {...props} />
  ),
  p: ({ node: _, ...props }) => <p className="my-2.5" {...props} />,
  ul: ({ node: _, ...props }) => <ul className="my-2.5 list-disc space-y-1 pl-5" {...props} />,
  ol: ({ node: _, ...props }) => <ol className="my-2.5 list-decimal space-y-1 pl-5" {...props} />,
  li: ({ node: _, className, ...props }) => (
    <li className={className?.includes("task-list-item") ? "-ml-5 flex list-none gap-2" : undefined} {...props} />
  ),
  // Items of a checklist, which people tick on paper.
  input: ({ checked }) => {
    const Box = checked ? SquareCheckIcon : SquareIcon;
    return <Box aria-hidden className="text-muted-foreground mt-1 size-4 shrink-0" />;
  },
  a: ({ node: _, ...props }) => <a className="text-primary underline underline-offset-2" {...props} />,
  blockquote: ({ node: _, ...props }) => (
    <blockquote className="border-primary/40 bg-muted/50 my-3 border-l-3 px-4 py-1" {...props} />
  ),
  hr: () => <hr className="my-6" />,
  code: ({ node: _, className: _language, ...props }) => (
    <code className="bg-muted rounded px-1 py-0.5 text-[0.9em] in-[pre]:bg-transparent in-[pre]:p-0" {...props} />
  ),
  pre: ({ node: _, children }) => (
    <div className="group relative my-3">
      <pre
        tabIndex={0}
        className="bg-muted overflow-x-auto rounded-lg p-3 pr-12 text-xs leading-relaxed"
      >{children}</pre>
      <div className="absolute right-1.5 top-1.5">
        <CopyButton text={textOf(children)} what="command" />
      </div>
    </div>
  ),
  table: ({ node: _, ...props }) => (
    <div className="my-3 overflow-x-auto" tabIndex={0} role="group" aria-label="Table">
      <table className="w-full wrap-normal text-[13px]" {...props} />
    </div>
  ),
  th: ({ node: _, ...props }) => (
    <th scope="col" className="text-muted-foreground border-b px-2 py-1.5 text-left text-xs font-medium" {...props} />
  ),
  td: ({ node: _, ...props }) => <td className="border-b px-2 py-1.5 align-top" {...props} />,
};

export function GuideText({ text }: { text: string }) {
  return (
    <Card className="wrap-anywhere px-5 py-5 leading-relaxed sm:px-8">
      <Markdown remarkPlugins={[remarkGfm]} components={components}>{text}</Markdown>
    </Card>
  );
}
