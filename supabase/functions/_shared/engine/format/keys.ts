/** All names of objects in S3. Other folders import from this file only; each file behind it holds one kind of name. */
export * from "./layout.ts";
export * from "./media_keys.ts";
export * from "./point_keys.ts";
