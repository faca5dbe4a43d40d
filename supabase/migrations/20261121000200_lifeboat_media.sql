-- What a media backup works on: the object list of each recovery point, and what lies at each current key in the bucket.
-- Private: the API does not expose this schema, and no API role may use it. May be applied again.

create schema if not exists lifeboat;
revoke all on schema lifeboat from public;

-- One row per recovery point whose objects were listed. Its presence says that the list is whole (also when it is empty).
create table if not exists lifeboat.media_points (
  recovery_point text primary key,
  listed_at timestamptz not null default statement_timestamp(),
  -- Bucket definitions as they stood in the snapshot, buckets without objects included.
  buckets jsonb not null default '[]',
  ledger jsonb not null default '[]',
  -- Counted up as the queue is worked off, so that showing progress of a million files is no scan.
  files_total bigint not null default 0,
  bytes_total bigint not null default 0,
  files_done bigint not null default 0,
  bytes_done bigint not null default 0,
  -- Grows with every checkpoint: whether anything has moved since somebody looked.
  steps bigint not null default 0,
  -- What the owner should know of how the run began.
  warnings jsonb not null default '[]',
  -- Objects that lay in S3 already were linked.
  linked_at timestamptz,
  -- The one invocation that closes the point, once its queue is empty.
  finisher uuid,
  finisher_until timestamptz,
  -- Checkpoint: the point's R2 inventory lies in S3 (key, checksum, totals per source).
  r2 jsonb,
  -- Checkpoint: how much of the manifest is written, and what an invocation needs to write on (engine/media/manifest_writer.ts).
  manifest jsonb,
  manifest_carry bytea,
  -- Set once the point's manifest lies in S3: what the run answers when it is asked again.
  outcome jsonb,
  closed_at timestamptz
);

-- The object list of a point and the queue of its media run. Positions count from 1 by bucket and name, so that the key
-- stays 30 bytes where a name may have 1,024, and pages and claims follow the primary key at any size.
create table if not exists lifeboat.media_items (
  recovery_point text collate "C" not null,
  position integer not null,
  bucket_id text collate "C" not null,
  name text collate "C" not null,
  -- As listed in the snapshot.
  version text,
  etag text,
  size_bytes bigint,
  mime_type text,
  cache_control text,
  user_metadata jsonb,
  object_created_at timestamptz,
  object_updated_at timestamptz,
  -- pending: to be copied; claimed: a run is at it; stored: copied for this point; linked: lay in S3 already; skipped.
  status text not null default 'pending' check (status in ('pending', 'claimed', 'stored', 'linked', 'skipped')),
  -- The invocation that is at it. It renews its claims while it lives; after that anybody may take them.
  claimed_by uuid,
  claimed_until timestamptz,
  -- Invocations that ended while it was in their batch, two at most, and from then on while they copied it; 0 once it moves.
  attempts smallint not null default 0,
  -- An open multipart upload, written before its first part, so that whoever comes next can go on or give the parts back.
  upload_key text,
  upload_id text,
  -- What another invocation needs to go on: where it stands and of which version the parts are (engine/media/resumable_upload.ts).
  upload_state jsonb,
  -- What lies in S3 for this object.
  s3_key text,
  s3_etag text,
  s3_version_id text,
  archive_key text,
  stored_version text,
  stored_etag text,
  stored_bytes bigint,
  stored_mime_type text,
  md5 text,
  sha256 text,
  -- Why what was stored is not what was listed.
  skew jsonb,
  warning text,
  skip_code text,
  skip_reason text,
  primary key (recovery_point, position)
);

create index if not exists media_items_queue on lifeboat.media_items (recovery_point, position)
  where status in ('pending', 'claimed');
create index if not exists media_items_claims on lifeboat.media_items (claimed_by) where status = 'claimed';
create index if not exists media_items_remarkable on lifeboat.media_items (recovery_point, position)
  where skip_code is not null or skew is not null or warning is not null;
create index if not exists media_items_uploads on lifeboat.media_items (recovery_point) where upload_id is not null;

-- The parts of open uploads. Rows of their own, because a list that is written anew with each part grows by its square.
create table if not exists lifeboat.media_parts (
  recovery_point text collate "C" not null,
  position integer not null,
  number integer not null,
  etag text not null,
  size_bytes bigint not null,
  primary key (recovery_point, position, number)
);

-- What lies at each current key now. An object whose version is the one here is linked instead of read.
create table if not exists lifeboat.media_objects (
  bucket_id text collate "C" not null,
  name text collate "C" not null,
  -- Of the bytes that were served: null where the version that they belong to could not be told.
  version text,
  etag text,
  size_bytes bigint not null,
  mime_type text,
  object_updated_at timestamptz,
  s3_key text not null,
  s3_etag text not null,
  s3_version_id text,
  -- Where this copy goes before another one takes its key; archived_at says that it is there already.
  archive_key text not null,
  archived_at timestamptz,
  -- Null for what was sent in parts.
  md5 text,
  sha256 text not null,
  stored_at timestamptz not null default statement_timestamp(),
  primary key (bucket_id, name)
);

-- Marker of the bucket and prefix that media_objects speaks of.
create table if not exists lifeboat.media_destination (
  singleton boolean primary key default true check (singleton),
  marker text not null
);

alter table lifeboat.media_destination enable row level security;
alter table lifeboat.media_points enable row level security;
alter table lifeboat.media_items enable row level security;
alter table lifeboat.media_parts enable row level security;
alter table lifeboat.media_objects enable row level security;

-- storage.objects keeps metadata as a JSON object; a light local server keeps the same object inside a JSON string.
create or replace function lifeboat.json_object(value jsonb) returns jsonb
language plpgsql immutable parallel safe set search_path = '' as $function$
begin
  if jsonb_typeof(value) = 'object' then
    return value;
  elsif jsonb_typeof(value) = 'string' then
    return lifeboat.json_object((value #>> '{}')::jsonb);
  end if;
  return null;
exception when invalid_text_representation then
  return null;
end;
$function$;
revoke all on function lifeboat.json_object(jsonb) from public;

-- A whole number out of text that anybody may have written; null for anything else.
create or replace function lifeboat.digits(value text) returns bigint
language sql immutable parallel safe as $function$
  select case when value ~ '^[0-9]{1,18}$' then value::bigint end
$function$;
revoke all on function lifeboat.digits(text) from public;

-- An ETag without its quotes and without the mark of a weak one.
create or replace function lifeboat.bare_etag(value text) returns text
language sql immutable parallel safe as $function$
  select nullif(regexp_replace(value, '^(?:W/)?"(.*)"$', '\1'), '')
$function$;
revoke all on function lifeboat.bare_etag(text) from public;
