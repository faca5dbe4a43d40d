import {
  type AdminRequest,
  type DownloadAnswer,
  downloadAnswer,
} from "../../../supabase/functions/_shared/contract/mod.ts";
import { callFunction } from "../../lib/call-function.ts";

export type StoredFile = Extract<AdminRequest, { action: "download" }>["file"];

/** A link to a stored file that lasts five minutes. Who asked for it is logged. Throws `PageError`. */
export function requestLink(runId: string, file: StoredFile, signal?: AbortSignal): Promise<DownloadAnswer> {
  return callFunction("backup-admin", { action: "download", runId, file }, downloadAnswer, signal);
}
