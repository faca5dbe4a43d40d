import { AwsV4Signer } from "aws4fetch";
import type { LinkSigner } from "../../engine/admin/admin_dependencies.ts";
import { locateBucket, objectUrl, type S3Settings } from "./settings.ts";

/**
 * Makes links to objects of a bucket whose signature is part of the address.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
export function createS3LinkSigner(settings: S3Settings, prefix = ""): LinkSigner {
  const location = locateBucket(settings);
  const { accessKeyId, secretAccessKey, sessionToken, region } = settings;
  return {
    async sign(key, { fileName, contentType, lastsSeconds, at }) {
      const url = new URL(objectUrl(location, prefix + key, "s3.sign_link"));
      url.searchParams.set("X-Amz-Expires", String(lastsSeconds));
      // The browser saves the object. Without this it would show it in a tab.
      url.searchParams.set("response-content-disposition", `attachment; filename="${fileName.replace(/["\\]/g, "_")}"`);
      url.searchParams.set("response-content-type", contentType);
      const signer = new AwsV4Signer({
        method: "GET",
        url: url.href,
        accessKeyId,
        secretAccessKey,
        sessionToken,
        region,
        service: "s3",
        signQuery: true,
        datetime: at.toISOString().replace(/[:-]|\.\d{3}/g, ""),
      });
      return (await signer.sign()).url.href;
    },
  };
}
