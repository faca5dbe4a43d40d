import {
  type AdminRequest,
  type DownloadAnswer,
  downloadAnswer,
} from "../../../supabase/functions/_shared/contract/mod.ts";
import { callFunction } from "../../lib/call-function.ts";

export type StoredFile = Extract<AdminRequest, { action: "download" }>["file"];

/** Gets a link to a stored file, valid for five minutes. The request is logged with its user. Throws `PageError`. */
export function requestLink(runId: string, file: StoredFile, signal?: AbortSignal): Promise<DownloadAnswer> {
  return callFunction("backup-admin", { action: "download", runId, file }, downloadAnswer, signal);
}
