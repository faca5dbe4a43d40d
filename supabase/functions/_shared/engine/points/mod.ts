export { describePoint, findPoints, type FoundPoint, type ListedPoint, type PointProblem } from "./list_points.ts";
export { locateObject, type ObjectPlace } from "./locate_object.ts";
export { newestPoint } from "./newest_point.ts";
export { hasOwnKeys } from "../format/own_keys.ts";
export { readManifest } from "./read_manifest.ts";
export { type MediaHead, readMediaHead } from "./read_media_head.ts";
export { MediaManifestDamage, type MediaManifestReading, readMediaManifest } from "./read_media_manifest.ts";
