import { QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { queryClient } from "../lib/query-client.ts";
import { loadSettings } from "../lib/settings.ts";
import { connectSupabase } from "../lib/supabase.ts";
import { App } from "./app.tsx";
import { CrashBoundary } from "./crash-page.tsx";
import { SetUpPage } from "./set-up-page.tsx";
import "./styles.css";

async function firstPage(): Promise<ReactNode> {
  try {
    const settings = await loadSettings();
    if (settings === null) return <SetUpPage problem={null} />;
    connectSupabase(settings);
    return <App />;
  } catch (error) {
    return (
      <SetUpPage problem={`config.json is there but cannot be used. ${error instanceof Error ? error.message : ""}`} />
    );
  }
}

const root = createRoot(document.getElementById("root")!);
root.render(
  <StrictMode>
    <CrashBoundary>
      <QueryClientProvider client={queryClient}>{await firstPage()}</QueryClientProvider>
    </CrashBoundary>
  </StrictMode>,
);
