import {
  type AdminRequest,
  type DownloadAnswer,
  downloadAnswer,
} from "../../../supabase/functions/_shared/contract/mod.ts";
import { callFunction } from "../../lib/call-function.ts";

export type DownloadableFile = Extract<AdminRequest, { action: "download" }>["file"];

/** Gets a link to a stored file, valid for five minutes. The request is logged with its user. Throws `PageError`. */
export function requestLink(runId: string, file: DownloadableFile, signal?: AbortSignal): Promise<DownloadAnswer> {
  return callFunction("backup-admin", { action: "download", runId, file }, downloadAnswer, signal);
}
