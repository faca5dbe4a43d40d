import { LifeboatError } from "../../engine/errors.ts";
import { storageFailure } from "./failures.ts";
import type { StorageAnswer } from "./request.ts";

/** The error for a refused upload. Storage reports "exists" as 409, or as 400 with `statusCode: "409"`. */
export function uploadFailure({ status, text }: StorageAnswer, subject: string): LifeboatError {
  if (status === 409 || /"statusCode"\s*:\s*"?409|"(Duplicate|ResourceAlreadyExists|KeyAlreadyExists)"/.test(text)) {
    return new LifeboatError({
      code: "storage_object_exists",
      kind: "conflict",
      message: `Storage has a file ${subject} already.`,
      hint: "Plan again, and say whether files that are there are to be kept or replaced.",
      operation: "storage.upload",
      subject,
    });
  }
  if (status === 413 || /"statusCode"\s*:\s*"?413/.test(text)) {
    return new LifeboatError({
      code: "storage_too_large",
      kind: "permanent",
      message: `Storage refused ${subject} for its size.`,
      hint: "Raise the file size limit of the project (Storage settings) or of the bucket, then run this again.",
      operation: "storage.upload",
      subject,
    });
  }
  return storageFailure(status, text, "storage.upload", subject);
}
