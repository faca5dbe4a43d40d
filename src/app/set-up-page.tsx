import { Logo } from "../components/logo.tsx";
import { Card } from "../components/ui/card.tsx";

const EXAMPLE = `{
  "supabaseUrl": "https://your-project.supabase.co",
  "supabasePublishableKey": "sb_publishable_…"
}`;

/** Shown when the page does not know its project. */
export function SetUpPage({ problem }: { problem: string | null }) {
  return (
    <main className="flex min-h-dvh flex-col items-center justify-center gap-6 p-4">
      <Logo className="h-9" />
      <Card className="w-full max-w-lg space-y-3 p-6 text-[13px] leading-relaxed">
        <h1 className="text-lg font-semibold">This page does not know its project yet</h1>
        {problem && <p role="alert" className="text-negative">{problem}</p>}
        <p>
          Put a file <code>config.json</code> beside <code>index.html</code>:
        </p>
        <pre tabIndex={0} className="bg-muted overflow-x-auto rounded-md p-3 text-xs">{EXAMPLE}</pre>
        <p className="text-muted-foreground">
          Or build with <code>VITE_SUPABASE_URL</code> and{" "}
          <code>VITE_SUPABASE_PUBLISHABLE_KEY</code>. Both are public: never put a secret key here.
        </p>
      </Card>
    </main>
  );
}
