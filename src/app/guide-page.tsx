import { RecoveryGuide } from "../features/recovery-guide/recovery-guide.tsx";

export function GuidePage() {
  return <RecoveryGuide />;
}
