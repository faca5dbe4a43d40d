import type { ClaimedItem, CopyPlan, OpenUpload, StoredCopy } from "../../../contract/media_state.ts";
import type { Skew } from "../../format/media_manifest.ts";

// These shapes are kept as JSON by the queue.
export type { ClaimedItem, CopyPlan, OpenUpload, StoredCopy };

/** What is remembered of a copied object. */
export interface CopiedItem {
  readonly stored: Omit<StoredCopy, "archived">;
  readonly skew?: Skew;
  readonly warning?: string;
}
