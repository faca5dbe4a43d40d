/** Keys of the local stack. They give access to nothing else: it listens only on this machine and holds sample data. */
export const PUBLISHABLE_KEY = "sb_publishable_local_only_3f1c8a52";
export const SECRET_KEY = "sb_secret_local_only_9d04b7e61c2a";
export const JWT_SECRET = "local-only-0f8d2c6b4a1e9735d8c0b2a4";
export const S3_ACCESS_KEY_ID = "local-only";
export const S3_SECRET_ACCESS_KEY = "local-only-5b1d7c3a";
export const S3_BUCKET = "lifeboat-backups";
