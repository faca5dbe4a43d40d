import { useEffect, useRef, useState } from "react";
import type { RunProgress } from "../../../supabase/functions/_shared/contract/mod.ts";
import { type Pace, PaceMeter, UNKNOWN_PACE } from "./run-pace.ts";

export function usePace(progress: RunProgress | null): Pace {
  const meter = useRef<PaceMeter>(null);
  const [pace, setPace] = useState<Pace>(UNKNOWN_PACE);
  useEffect(() => {
    meter.current ??= new PaceMeter();
    setPace(meter.current.add(progress, Date.now()));
  }, [progress]);
  return pace;
}
