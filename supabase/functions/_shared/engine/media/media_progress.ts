import type { Run } from "../run/run.ts";
import type { QueueFigures } from "./media_queue.ts";

/** Shows how far the point is: what all invocations have done together, which the queue counts. */
export function reportFiles(run: Run): (figures: QueueFigures) => void {
  return (figures) => run.report({ phase: "files", ...figures });
}
