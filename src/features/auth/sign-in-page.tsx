import { useMutation } from "@tanstack/react-query";
import { LoaderCircleIcon } from "lucide-react";
import { type FormEvent, useId } from "react";
import { Logo } from "../../components/logo.tsx";
import { Alert, AlertTitle } from "../../components/ui/alert.tsx";
import { Button } from "../../components/ui/button.tsx";
import { Card } from "../../components/ui/card.tsx";
import { Input } from "../../components/ui/input.tsx";
import { Label } from "../../components/ui/label.tsx";
import { supabase } from "../../lib/supabase.ts";

async function signIn(credentials: { email: string; password: string }): Promise<void> {
  const { error } = await supabase().auth.signInWithPassword(credentials);
  if (error) throw error;
}

export function SignInPage() {
  const id = useId();
  const mutation = useMutation({ mutationFn: signIn });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    mutation.mutate({ email: String(form.get("email")), password: String(form.get("password")) });
  };
  return (
    <main className="flex min-h-dvh flex-col items-center justify-center gap-6 p-4">
      <Logo className="h-9" />
      <Card className="w-full max-w-sm p-6">
        <h1 className="text-lg font-semibold">Sign in</h1>
        <p className="text-muted-foreground mb-5 mt-1 text-[13px]">Backups are for admins of this project.</p>
        <form className="space-y-4" onSubmit={submit}>
          <div className="space-y-1.5">
            <Label htmlFor={`${id}-email`}>Email</Label>
            <Input id={`${id}-email`} name="email" type="email" autoComplete="username" required autoFocus />
          </div>
          <div className="space-y-1.5">
            <Label htmlFor={`${id}-password`}>Password</Label>
            <Input id={`${id}-password`} name="password" type="password" autoComplete="current-password" required />
          </div>
          {mutation.isError && (
            <Alert variant="negative" className="grid-cols-1 [&>:not(svg)]:col-start-1">
              <AlertTitle>{mutation.error.message || "Signing in failed."}</AlertTitle>
            </Alert>
          )}
          <Button type="submit" className="w-full" disabled={mutation.isPending}>
            {mutation.isPending && <LoaderCircleIcon aria-hidden className="animate-spin" />}
            Sign in
          </Button>
        </form>
      </Card>
    </main>
  );
}
