/** What to restore. A request that names nothing means the whole point: schema, rows, buckets and files. */
export interface RestoreRequest {
  /** Only needed when the bucket holds points of several projects. */
  readonly project?: string;
  /** `2026-11-21T02-17-00Z` or `latest`. */
  readonly point: string;
  /** Only these schemas of the database. */
  readonly schemas?: readonly string[];
  /** Only these tables, named as the dump names them: `bookings`, `auth.users`. */
  readonly tables?: readonly string[];
  /** Only these buckets. */
  readonly buckets?: readonly string[];
  /** Only these objects, as `bucket/path`; an entry that ends in `/` means all objects below it. */
  readonly paths?: readonly string[];
  /** Only loads rows into existing tables, and applies no statements of the schema. */
  readonly dataOnly?: boolean;
  readonly databaseOnly?: boolean;
  readonly mediaOnly?: boolean;
  /**
   * The target is a scratch database on a shared server, so settings and memberships of roles, which all its databases
   * share, are left alone. Missing roles are still made, without login, since objects name them.
   */
  readonly scratch?: boolean;
  /**
   * For tables and files that exist and are not empty or not equal: `refuse` (default) makes them conflicts; `keep`
   * adds only rows with free keys and missing files; `replace` deletes the rows of the plan's tables and overwrites
   * files.
   */
  readonly existing?: "refuse" | "keep" | "replace";
}

/** True when the request includes anything of a point's database part. */
export function wantsDatabase(request: RestoreRequest): boolean {
  if (request.mediaOnly) return false;
  return request.databaseOnly || request.schemas !== undefined || request.tables !== undefined || !namesMedia(request);
}

/** True when the request includes anything of a point's media part. */
export function wantsMedia(request: RestoreRequest): boolean {
  if (request.databaseOnly || request.dataOnly && !namesMedia(request)) return false;
  return request.mediaOnly || namesMedia(request) || request.schemas === undefined && request.tables === undefined;
}

function namesMedia(request: RestoreRequest): boolean {
  return request.buckets !== undefined || request.paths !== undefined;
}
