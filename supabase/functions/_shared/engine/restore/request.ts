/** What is to be restored. Nothing named means the whole point: schema, rows, buckets and files. */
export interface RestoreRequest {
  /** Only needed where a bucket holds points of several projects. */
  readonly project?: string;
  /** `2026-11-21T02-17-00Z` or `latest`. */
  readonly point: string;
  /** Only these schemas of the database. */
  readonly schemas?: readonly string[];
  /** Only these tables, named as the dump names them: `bookings`, `auth.users`. */
  readonly tables?: readonly string[];
  /** Only these buckets. */
  readonly buckets?: readonly string[];
  /** Only these objects, as `bucket/path`; one that ends in `/` means all below it. */
  readonly paths?: readonly string[];
  /** Rows into tables that are there already, and no statements of the schema. */
  readonly dataOnly?: boolean;
  readonly databaseOnly?: boolean;
  readonly mediaOnly?: boolean;
  /**
   * The target is a scratch database on a server that others use: what all databases of a server share is left alone
   * (settings of roles, memberships). A role that is missing is made all the same, without login, since objects name it.
   */
  readonly scratch?: boolean;
  /**
   * What to do with tables and files that are there already and not empty or not equal: `refuse` (default) is a conflict;
   * `keep` adds only rows whose keys are free and files that are missing; `replace` deletes the rows of the tables named in
   * the plan, and overwrites files.
   */
  readonly existing?: "refuse" | "keep" | "replace";
}

/** True when the request takes anything out of the database's part of a point. */
export function wantsDatabase(request: RestoreRequest): boolean {
  if (request.mediaOnly) return false;
  return request.databaseOnly || request.schemas !== undefined || request.tables !== undefined || !namesMedia(request);
}

/** True when the request takes anything out of the media part of a point. */
export function wantsMedia(request: RestoreRequest): boolean {
  if (request.databaseOnly || request.dataOnly && !namesMedia(request)) return false;
  return request.mediaOnly || namesMedia(request) || request.schemas === undefined && request.tables === undefined;
}

function namesMedia(request: RestoreRequest): boolean {
  return request.buckets !== undefined || request.paths !== undefined;
}
