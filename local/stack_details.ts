/** The content of `.local/stack.json` while the stack runs: all that people and tests need to use it. */
export interface StackDetails {
  readonly apiUrl: string;
  readonly functionsUrl: string;
  readonly publishableKey: string;
  readonly secretKey: string;
  /** Connection string of role `postgres`. */
  readonly dbUrl: string;
  readonly s3Endpoint: string;
  readonly s3Bucket: string;
  readonly s3AccessKeyId: string;
  readonly s3SecretAccessKey: string;
  readonly mailboxUrl: string;
  readonly adminUrl: string;
  readonly adminEmail: string;
  readonly adminPassword: string;
}

/** Function secrets and platform variables, as in a hosted project with Lifeboat. */
export function functionEnvironment(details: StackDetails): Record<string, string> {
  return {
    SUPABASE_URL: details.apiUrl,
    SUPABASE_DB_URL: details.dbUrl,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: details.publishableKey }),
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: details.secretKey }),
    // Lite does not know legacy keys, so new keys are in their place.
    SUPABASE_ANON_KEY: details.publishableKey,
    SUPABASE_SERVICE_ROLE_KEY: details.secretKey,
    AWS_S3_BUCKET: details.s3Bucket,
    AWS_ACCESS_KEY_ID: details.s3AccessKeyId,
    AWS_SECRET_ACCESS_KEY: details.s3SecretAccessKey,
    AWS_REGION: "us-east-1",
    S3_ENDPOINT: details.s3Endpoint,
    S3_FORCE_PATH_STYLE: "true",
    S3_SSE: "off",
    RESEND_API_KEY: "re_local_only",
    RESEND_BASE_URL: details.mailboxUrl,
    BACKUP_PROJECT: "collabhunts",
    BACKUP_EMAIL_FROM: "Lifeboat <backup@example.com>",
    BACKUP_EMAIL_TO: "owner@example.com",
    BACKUP_PING_URL: `${details.mailboxUrl}/ping`,
    BACKUP_ADMIN_URL: details.adminUrl,
  };
}
