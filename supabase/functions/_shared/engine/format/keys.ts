/** The names of everything in S3: this file is the door, the files it points to hold one part each. */
export * from "./layout.ts";
export * from "./media_keys.ts";
export * from "./point_keys.ts";
