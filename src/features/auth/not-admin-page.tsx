import { ShieldXIcon } from "lucide-react";
import { Button } from "../../components/ui/button.tsx";
import { Card } from "../../components/ui/card.tsx";
import { signOut } from "./sign-out.ts";

export function NotAdminPage({ email, onRetry }: { email: string; onRetry: () => void }) {
  return (
    <main className="flex min-h-dvh items-center justify-center p-4">
      <Card className="w-full max-w-md space-y-3 p-6">
        <ShieldXIcon aria-hidden className="text-caution size-7" strokeWidth={1.75} />
        <h1 className="text-lg font-semibold">You are not an admin of this project</h1>
        <p className="text-muted-foreground text-[13px] leading-relaxed">
          You are signed in as{" "}
          <strong className="text-foreground font-medium">{email}</strong>. Backups hold everybody’s data, so only
          people with the role <code>admin</code> see them. Ask an admin to give you that role in{" "}
          <code>user_roles</code>, then check again.
        </p>
        <div className="flex flex-wrap gap-2 pt-2">
          <Button onClick={onRetry} variant="outline">Check again</Button>
          <Button onClick={signOut} variant="ghost">Sign out</Button>
        </div>
      </Card>
    </main>
  );
}
