import { useEffect } from "react";

/** The page's heading, which is also the title of its tab. */
export function PageTitle({ children }: { children: string }) {
  useEffect(() => {
    document.title = `${children} · Lifeboat`;
  }, [children]);
  return <h1 className="text-xl font-semibold tracking-tight">{children}</h1>;
}
