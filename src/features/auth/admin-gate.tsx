import { useQuery } from "@tanstack/react-query";
import type { User } from "@supabase/supabase-js";
import { LoaderCircleIcon } from "lucide-react";
import type { ReactNode } from "react";
import { LoadError } from "../../components/load-error.tsx";
import { isAdminQuery } from "./is-admin.ts";
import { NotAdminPage } from "./not-admin-page.tsx";
import { useSession } from "./session.ts";
import { SignInPage } from "./sign-in-page.tsx";

/** Shows its children only to admins, and the reason to everybody else. */
export function AdminGate({ children }: { children: (user: User) => ReactNode }) {
  const session = useSession();
  if (session === undefined) return <Waiting />;
  if (session === null) return <SignInPage />;
  return <RoleGate user={session.user}>{children}</RoleGate>;
}

function RoleGate({ user, children }: { user: User; children: (user: User) => ReactNode }) {
  const query = useQuery(isAdminQuery(user.id));
  const retry = () => void query.refetch();
  if (query.data === true) return children(user);
  if (query.data === false) return <NotAdminPage email={user.email ?? user.id} onRetry={retry} />;
  if (query.isError) {
    return (
      <main className="mx-auto max-w-xl p-4 pt-24">
        <h1 className="sr-only">Backups</h1>
        <LoadError what="Your role" error={query.error} onRetry={retry} retrying={query.isFetching} />
      </main>
    );
  }
  return <Waiting />;
}

function Waiting() {
  return (
    <div className="flex min-h-dvh items-center justify-center" role="status" aria-label="Loading">
      <LoaderCircleIcon aria-hidden className="text-muted-foreground size-5 animate-spin" />
    </div>
  );
}
