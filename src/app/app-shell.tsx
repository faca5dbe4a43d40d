import type { User } from "@supabase/supabase-js";
import { BookOpenIcon, HistoryIcon } from "lucide-react";
import { useEffect } from "react";
import { Link, NavLink, Outlet, useLocation, useNavigationType } from "react-router";
import { Logo } from "../components/logo.tsx";
import { cn } from "../lib/class-names.ts";
import { AccountMenu } from "./account-menu.tsx";
import { ThemeMenu } from "./theme-menu.tsx";

const LINKS = [
  { to: "/backup-history", end: true, icon: HistoryIcon, name: "Backups" },
  { to: "/backup-history/recovery-guide", end: false, icon: BookOpenIcon, name: "Recovery guide" },
] as const;

/** Scrolls to the top of a page that was opened; going back, the browser restores the old position. */
function useTopOfOpenedPage(): void {
  const { pathname, hash } = useLocation();
  const navigation = useNavigationType();
  useEffect(() => {
    if (navigation === "PUSH" && hash === "") globalThis.scrollTo(0, 0);
    // A filter or another page of the history changes only the search, and must not scroll.
  }, [pathname]);
}

export function AppShell({ user }: { user: User }) {
  useTopOfOpenedPage();
  return (
    <div className="flex min-h-dvh flex-col">
      <a
        href="#content"
        className="bg-primary text-primary-foreground sr-only z-50 rounded-md px-3 py-2 focus:not-sr-only focus:fixed focus:left-3 focus:top-3"
      >
        Skip to content
      </a>
      <header className="bg-card/80 sticky top-0 z-30 border-b backdrop-blur">
        <div className="mx-auto flex h-13 max-w-7xl items-center gap-2 px-4 sm:gap-6 sm:px-6">
          <Link
            to="/backup-history"
            aria-label="Lifeboat"
            className="focus-visible:ring-ring/60 rounded-md outline-none focus-visible:ring-[3px]"
          >
            <Logo className="max-sm:[&>span]:sr-only" />
          </Link>
          <nav aria-label="Main" className="flex items-center gap-1">
            {LINKS.map(({ to, end, icon: Icon, name }) => (
              <NavLink
                key={to}
                to={to}
                end={end}
                className={({ isActive }) =>
                  cn(
                    "text-muted-foreground hover:text-foreground focus-visible:ring-ring/60 inline-flex h-8 items-center gap-1.5 whitespace-nowrap rounded-md px-2 sm:px-2.5 text-[13px] font-medium outline-none focus-visible:ring-[3px]",
                    isActive && "bg-accent text-accent-foreground",
                  )}
              >
                <Icon aria-hidden className="size-4 max-sm:hidden" />
                {name}
              </NavLink>
            ))}
          </nav>
          <div className="ml-auto flex items-center gap-1">
            <ThemeMenu />
            <AccountMenu email={user.email ?? user.id} />
          </div>
        </div>
      </header>
      <main id="content" tabIndex={-1} className="mx-auto w-full max-w-7xl flex-1 px-4 pb-16 pt-5 outline-none sm:px-6">
        <Outlet />
      </main>
    </div>
  );
}
