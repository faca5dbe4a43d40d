import { hasCode } from "../errors.ts";
import { BackupDamage } from "../format/member.ts";

/**
 * Reads once more what broke off on its way or did not come as it was stored: bytes can suffer between the bucket and us,
 * and an owner must not be woken for that. What comes the second time is believed.
 */
export async function readAgain<Result>(read: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof BackupDamage) && !hasCode(error, "store_unavailable")) throw error;
    return await read();
  }
}
