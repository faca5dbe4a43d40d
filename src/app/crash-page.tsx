import { Component, type ReactNode } from "react";
import { Button } from "../components/ui/button.tsx";
import { Card } from "../components/ui/card.tsx";
import { asPageError } from "../lib/page-error.ts";

/** Shows that the page broke, because an empty page would look as if there were no data. */
export class CrashBoundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: null };

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error };
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    return (
      <main className="flex min-h-dvh items-center justify-center p-4">
        <Card className="w-full max-w-md space-y-3 p-6" role="alert">
          <h1 className="text-lg font-semibold">This page has stopped</h1>
          <p className="text-muted-foreground text-[13px]">
            {asPageError(this.state.error).message} Backups go on without it.
          </p>
          <Button onClick={() => location.reload()}>Reload</Button>
        </Card>
      </main>
    );
  }
}
