import { withClient } from "../../local/with_client.ts";

/**
 * Writes a made-up past into the history: `days` days before today with `perDay` recovery points each, growing slowly,
 * with a failure and a partial run now and then. `project` keeps it apart from what the stack's own functions see.
 */
export async function writeSampleHistory(
  dbUrl: string,
  { days, perDay, project = "collabhunts" }: {
    days: number;
    perDay: number;
    project?: string;
  },
): Promise<void> {
  await withClient(
    dbUrl,
    (client) => client.query(SQL, [days, perDay, project]),
  );
}

const SQL = `
insert into public.backup_history (kind, status, trigger, project, recovery_point, label, pinned, started_at,
  finished_at, duration_ms, s3_key, manifest_key, bytes, raw_bytes, tables, rows, files, skipped, checksum, error_code,
  error_message, error_hint)
select kind, status, case when age % 11 = 5 then 'manual' else 'cron' end, $3, point,
  case when age % 23 = 11 then 'before migration' end, age % 23 = 11,
  started_at, started_at + duration_ms * interval '1 millisecond', duration_ms,
  case when status <> 'failed' then format('backups/%s-backup-%s.%s', $3::text, point,
    case kind when 'database' then 'json.gz' else 'media.json.gz' end) end,
  case when status <> 'failed' then format('backups/%s-backup-%s.%s', $3::text, point,
    case kind when 'database' then 'manifest.json' else 'media.json.gz' end) end,
  case when status <> 'failed' then size end,
  case when status <> 'failed' then case kind when 'database' then size * 3.7 else total end end,
  case when kind = 'database' and status <> 'failed' then 38 + 2 * (days_total - age) / days_total end,
  case when kind = 'database' and status <> 'failed' then 41000 + 22500 * (days_total - age) / days_total end,
  case when kind = 'media' and status <> 'failed' then 29 + 14 * (days_total - age) / days_total end,
  case when status = 'partial' then 2 when kind = 'media' and status = 'success' then 0 end,
  case when status <> 'failed' then 'sha256:' || encode(sha256(convert_to(point || kind, 'UTF8')), 'hex') end,
  case when status = 'failed' then 's3_unavailable' end,
  case when status = 'failed' then 'The bucket answered 503 (SlowDown) to 5 tries in 2 minutes.' end,
  case when status = 'failed' then 'Nothing that was stored before is harmed. The next run tries again.' end
from (
  select kind, age, days_total, point, status,
    moment + case kind when 'media' then interval '2 seconds' else interval '0' end as started_at,
    case kind when 'database' then 2200 + 700 * (days_total - age) / days_total + (age * 7919) % 260
      else 900 + 300 * (days_total - age) / days_total + (age * 104729) % 400 end as duration_ms,
    case kind when 'database' then 3300000 + 2000000 * (days_total - age) / days_total + (age * 7907) % 60000
      else (age * 7907) % 300000 end as size,
    3100000 + 2350000 * (days_total - age) / days_total as total
  from (
    select n as age, $1::bigint * $2::bigint as days_total, kind,
      date_trunc('day', now()) + interval '2 hours 17 minutes' - n * interval '1 day' / $2::bigint
        + case when (n * 13) % 7 = 3 then interval '11 seconds' else interval '0' end as moment,
      case when n % 37 = 19 and kind = 'database' then 'failed' when n % 29 = 8 and kind = 'media' then 'partial'
        else 'success' end as status
    from generate_series(1, $1::bigint * $2::bigint) n cross join (values ('database'), ('media')) k (kind)
  ) planned
  cross join lateral (select to_char(moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24-MI-SS"Z"') as point) named
) made
where not (kind = 'media' and exists (select where age % 37 = 19))`;
