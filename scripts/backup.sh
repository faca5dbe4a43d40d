#!/usr/bin/env bash
# The route for whoever prefers pg_dump: dumps the database as SQL, compresses it and stores it at
# s3://$AWS_S3_BUCKET/database-backups/db-backup-YYYY-MM-DD_HH-MM-SS.sql.gz (UTC). Files of Storage are not in it.
#
#   scripts/backup.sh [option of pg_dump]…        for example --exclude-table-data=public.page_views
#
# Needs SUPABASE_DB_URL, AWS_S3_BUCKET, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION; S3_ENDPOINT for a provider
# other than AWS. Needs pg_dump of the server's version or newer, gzip, and the AWS CLI.
# Back again: aws s3 cp s3://… - | gunzip | psql -v ON_ERROR_STOP=1 <database>
#
# It ends with 0 only when the dump is whole and the bucket says that it holds every byte of it.
set -euo pipefail
umask 077

say() { printf '%s\n' "backup.sh: $*"; }
fail() {
  printf '%s\n' "backup.sh: $*" >&2
  exit 1
}

missing=()
for name in SUPABASE_DB_URL AWS_S3_BUCKET AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_REGION; do
  [[ -n "${!name:-}" ]] || missing+=("$name")
done
for tool in pg_dump gzip aws sha256sum; do
  command -v "$tool" >/dev/null || missing+=("the program $tool")
done
if ((${#missing[@]} > 0)); then
  printf 'backup.sh: missing: %s\n' "${missing[@]}" >&2
  exit 2
fi

# The CLI of version 1 reads the region from here; nothing is asked of an instance's metadata or a pager.
export AWS_DEFAULT_REGION="$AWS_REGION" AWS_EC2_METADATA_DISABLED=true AWS_PAGER=""
store=()
encryption=(--sse AES256)
if [[ -n "${S3_ENDPOINT:-}" ]]; then
  # Other providers refuse checksums and headers that only AWS has.
  export AWS_REQUEST_CHECKSUM_CALCULATION=when_required AWS_RESPONSE_CHECKSUM_VALIDATION=when_required
  store=(--endpoint-url "$S3_ENDPOINT")
  encryption=()
fi
# Written so that an empty list is no error in the bash of macOS.
in_store() { aws ${store[@]+"${store[@]}"} "$@"; }

# The password goes through the environment: arguments can be read by every user of the machine.
database="$SUPABASE_DB_URL"
if [[ "$database" =~ ^(postgres(ql)?://[^:/@]+):(.*)@([^@]*)$ ]]; then
  database="${BASH_REMATCH[1]}@${BASH_REMATCH[4]}"
  password="${BASH_REMATCH[3]//\\/\\\\}"
  PGPASSWORD="$(printf '%b' "${password//\%/\\x}")"
  export PGPASSWORD
fi

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
file="$folder/dump.sql.gz"
name="db-backup-$(date -u +%Y-%m-%d_%H-%M-%S).sql.gz"
key="database-backups/$name"

say "dumping the database"
# pg_dump switches its own statement_timeout off; a table that somebody alters must not hold it up for ever.
pg_dump --dbname="$database" --no-password --format=plain --quote-all-identifiers --lock-wait-timeout=60s "$@" |
  gzip >"$file" || fail "pg_dump failed (its own words are above); nothing was stored."

# Each of these has been seen to pass for a backup elsewhere: an empty file, half a file, a dump without an end.
[[ -s "$file" ]] || fail "the dump is empty; nothing was stored."
gzip --test "$file" || fail "the compressed dump is damaged; is the disk full? Nothing was stored."
gzip --decompress --stdout "$file" | tail -n 20 >"$folder/end"
grep -q '^-- PostgreSQL database dump complete$' "$folder/end" ||
  fail "the dump does not end as pg_dump ends one: it was cut off. Nothing was stored."

size="$(wc -c <"$file" | tr -d '[:space:]')"
sha256="$(sha256sum "$file" | cut -d ' ' -f 1)"
say "storing $size bytes at s3://$AWS_S3_BUCKET/$key"
in_store s3 cp "$file" "s3://$AWS_S3_BUCKET/$key" --only-show-errors --content-type application/gzip \
  --metadata "sha256=$sha256" ${encryption[@]+"${encryption[@]}"} || fail "the upload failed; nothing counts as stored."

stored="$(in_store s3api head-object --bucket "$AWS_S3_BUCKET" --key "$key" --query ContentLength --output text)" ||
  fail "the bucket does not say whether it holds $key. Do not count on it."
[[ "$stored" == "$size" ]] ||
  fail "the bucket holds $stored bytes of $key, but $size were sent. Do not count on it."

say "done: $key, $size bytes, sha256 $sha256"
