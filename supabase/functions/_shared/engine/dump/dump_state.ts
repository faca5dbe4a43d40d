import type { DumpDone, DumpFrame, DumpPosition } from "../../contract/dump_state.ts";

// What a dump carries from one invocation to the next, as JSON in lifeboat.dumps and lifeboat.dump_steps.
export type { DumpDone, DumpFrame, DumpPosition };

export interface DumpCheckpoint {
  readonly frame: DumpFrame;
  readonly position: DumpPosition;
  readonly done: DumpDone;
  /** Bytes of the unfinished upload part. */
  readonly rest: Uint8Array;
}
