import { lazy, Suspense } from "react";
import { BrowserRouter, Navigate, Route, Routes } from "react-router";
import { Skeleton } from "../components/ui/skeleton.tsx";
import { AdminGate } from "../features/auth/admin-gate.tsx";
import { AppShell } from "./app-shell.tsx";
import { HistoryPage } from "./history-page.tsx";
import { Toaster } from "./toaster.tsx";

const RunPage = lazy(async () => ({ default: (await import("./run-page.tsx")).RunPage }));
const GuidePage = lazy(async () => ({ default: (await import("./guide-page.tsx")).GuidePage }));

export function App() {
  return (
    <BrowserRouter basename={import.meta.env.BASE_URL}>
      <AdminGate>
        {(user) => (
          <Suspense fallback={<Skeleton className="m-6 h-96" />}>
            <Routes>
              <Route element={<AppShell user={user} />}>
                <Route path="/backup-history" element={<HistoryPage />} />
                <Route path="/backup-history/recovery-guide" element={<GuidePage />} />
                <Route path="/backup-history/:runId" element={<RunPage userId={user.id} />} />
                <Route path="*" element={<Navigate to="/backup-history" replace />} />
              </Route>
            </Routes>
          </Suspense>
        )}
      </AdminGate>
      <Toaster />
    </BrowserRouter>
  );
}
