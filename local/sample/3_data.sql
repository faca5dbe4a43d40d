-- Some 50,000 rows, the same each time: every value follows from its number. Addresses are in example.com and nobody
-- exists. The two accounts made through the Auth API are in auth.users already.

create temporary table person on commit drop as
  select n, md5('person ' || n)::uuid as id, n <= 1500 as is_creator
  from generate_series(1, 2000) n;

insert into auth.users (id, email, encrypted_password, email_confirmed_at, raw_user_meta_data, created_at)
select id, format('person%s@example.com', n), null, timestamptz '2025-01-01' + n * interval '3 hours',
  jsonb_build_object('name', 'Sample Person ' || n), timestamptz '2025-01-01' + n * interval '3 hours'
from person;
insert into auth.identities (id, provider, provider_id, user_id, identity_data)
select md5('identity ' || n)::uuid, 'email', id::text, id,
  jsonb_build_object('sub', id, 'email', format('person%s@example.com', n))
from person;

insert into public.profiles (id, username, display_name, avatar_path, bio, country, languages, preferences, created_at)
select id, 'person_' || n, 'Sample Person ' || n,
  case when n <= 36 then format('%s/avatar.png', id) end,
  case when n % 7 = 0 then null else 'Invented for the sample project. Größe: ' || n || ' 🎬' end,
  (array['DE', 'FR', 'US', 'BR', 'JP'])[1 + n % 5], (array['en', 'de', 'fr', 'pt', 'ja'])[1 : 1 + n % 3],
  jsonb_build_object('newsletter', n % 2 = 0, 'theme', case n % 3 when 0 then null else 'dark' end),
  timestamptz '2025-01-01' + n * interval '3 hours'
from person;
insert into public.user_roles (user_id, role)
select id, case when is_creator then 'creator' else 'brand' end::public.app_role from person;

insert into public.categories (slug, name, sort_order)
select lower(name), name, position
from unnest(array['Beauty', 'Food', 'Travel', 'Gaming', 'Fitness', 'Music']) with ordinality c (name, position);
insert into public.categories (parent_id, slug, name)
select p.id, p.slug || '-' || n, p.name || ' ' || n from public.categories p, generate_series(1, 4) n;

insert into public.creator_profiles (id, user_id, headline, hourly_rate, engagement_rate, location, audience)
select md5('creator ' || n)::uuid, id, 'Creator ' || n || ' for ' || (array['video', 'photo', 'audio'])[1 + n % 3],
  20 + n % 180 + 0.5, (n % 1000) / 10.0, point(n % 180, n % 90),
  jsonb_build_object('countries', jsonb_build_array('DE', 'US'), 'age', jsonb_build_object('18-24', n % 100))
from person where is_creator;
insert into public.creator_categories (creator_id, category_id)
select md5('creator ' || n)::uuid, 1 + (n * 7 + k) % 30 from generate_series(1, 1500) n, generate_series(0, 1) k;
insert into public.social_accounts (creator_id, platform, handle, followers, verified, fetched_at)
select md5('creator ' || n)::uuid, (enum_range(null::public.social_platform))[1 + (n + k) % 6], '@person_' || n,
  (n::bigint * 7919) % 5000000 + case when n = 1 then 9007199254740993 else 0 end, n % 9 = 0,
  timestamptz '2026-11-01' - n * interval '1 minute'
from generate_series(1, 1500) n, generate_series(0, 1) k;
insert into public.creator_services (id, creator_id, title, price, delivery, extras, active)
select md5('service ' || n)::uuid, md5('creator ' || 1 + n % 1500)::uuid, 'Service ' || n,
  row(50 + n % 950 + 0.99, 'EUR')::public.money_amount, (3 + n % 21) * interval '1 day',
  case when n % 4 = 0 then array['{"name": "express", "price": 25}'::jsonb] else '{}' end, n % 11 <> 0
from generate_series(1, 2500) n;
insert into public.portfolio_media (creator_id, kind, storage_path, mux_asset_id, mux_playback_id, width, height, position)
select md5('creator ' || 1 + n % 1500)::uuid, case when n % 4 = 0 then 'video' else 'image' end::public.media_kind,
  case when n <= 7 then format('%s/work-%s.png', md5('creator ' || 1 + n % 1500)::uuid, n) end,
  case when n % 4 = 0 then 'mux-asset-' || n end, case when n % 4 = 0 then 'mux-playback-' || n end,
  640 + n % 1280, 480 + n % 600, n % 10
from generate_series(1, 2500) n;

insert into public.brand_profiles (id, user_id, company_name, logo_path, website, billing)
select md5('brand ' || n)::uuid, id, 'Sample Brand ' || n || ' & Söhne', null, 'https://brand' || n || '.example.com',
  case when n % 3 = 0 then null else jsonb_build_object('country', 'DE', 'limit', 12345678901234567890.123) end
from person where not is_creator;
insert into public.campaigns (id, brand_id, category_id, title, brief, budget, runs, status)
select md5('campaign ' || n)::uuid, md5('brand ' || 1501 + n % 500)::uuid, 1 + n % 30, 'Campaign ' || n,
  repeat('A brief of the sample project. ', 1 + n % 20), numrange(100 * (1 + n % 9), 1000 * (1 + n % 9)),
  daterange(date '2026-01-01' + n % 300, date '2026-02-01' + n % 300),
  (enum_range(null::public.campaign_status))[1 + n % 4]
from generate_series(1, 800) n;
insert into public.campaign_applications (campaign_id, creator_id, pitch, offer, accepted)
select md5('campaign ' || 1 + n % 800)::uuid, md5('creator ' || 1 + (n * 11) % 1500)::uuid,
  'I "really" want this\' || n || E'\n\twith tabs', 100 + n % 400, case n % 3 when 0 then true when 1 then false end
from generate_series(1, 4000) n on conflict do nothing;

insert into public.bookings (id, creator_id, brand_id, service_id, campaign_id, status, total, due_at, created_at)
select md5('booking ' || n)::uuid, md5('creator ' || 1 + (n - 1) % 1500)::uuid, md5('brand ' || 1501 + n % 500)::uuid,
  md5('service ' || 1 + n % 2500)::uuid, case when n % 2 = 0 then md5('campaign ' || 1 + n % 800)::uuid end,
  (enum_range(null::public.booking_status))[1 + n % 7], 80 + (n * 37) % 2000 + 0.45,
  timestamptz '2026-03-01' + n * interval '1 hour', timestamptz '2026-01-01' + n * interval '1 hour'
from generate_series(1, 4000) n;
insert into public.booking_deliverables (id, booking_id, title, r2_key, r2_url, mime_type, size_bytes, approved, uploaded_at)
select md5('deliverable ' || n)::uuid, md5('booking ' || n)::uuid, 'Deliverable ' || n,
  case when n % 2 = 0 then format('deliverables/%s/final cut.mp4', md5('booking ' || n)::uuid) end,
  case when n % 2 = 0 then format('https://media.example.com/deliverables/%s/final%%20cut.mp4', md5('booking ' || n)::uuid) end,
  case when n % 2 = 0 then 'video/mp4' end, case when n % 2 = 0 then 20000000 + n * 10007::bigint end,
  n % 3 = 0, timestamptz '2026-03-01' + n * interval '1 hour'
from generate_series(1, 4000) n;
insert into public.content_library (brand_id, deliverable_id, file_name, r2_key, r2_url, mime_type, size_bytes, tags, rights_until)
select md5('brand ' || 1501 + n % 500)::uuid, case when n % 2 = 0 then md5('deliverable ' || n)::uuid end,
  format('clip %s.mov', n), format('library/%s/clip-%s.mov', 1501 + n % 500, n),
  format('https://media.example.com/library/%s/clip-%s.mov', 1501 + n % 500, n), 'video/quicktime',
  2000000 + n * 777::bigint, array['sample', 'tag, with comma', 'n' || n % 10], date '2027-01-01' + n % 365
from generate_series(1, 2000) n;

insert into public.conversations (booking_id, subject)
select md5('booking ' || n)::uuid, 'Booking ' || n from generate_series(1, 1500) n;
insert into public.messages (conversation_id, sender_id, reply_to, body, attachments, read_at, created_at)
select 1 + n % 1500, md5('person ' || 1 + n % 2000)::uuid, case when n % 5 = 0 then n - 1 end,
  'Message ' || n || repeat(' and so on', n % 30), case when n % 50 = 0 then 'null'::jsonb when n % 9 = 0 then '[{"type": "image"}]' end,
  case when n % 2 = 0 then timestamptz '2026-06-01' + n * interval '1 minute' end,
  timestamptz '2026-05-01' + n * interval '1 minute'
from generate_series(1, 9000) n;
insert into public.reviews (booking_id, author_id, rating, body)
select md5('booking ' || n)::uuid, md5('person ' || 1501 + n % 500)::uuid, 1 + n % 5, case when n % 2 = 0 then 'Fine.' end
from generate_series(1, 1500) n;
insert into public.payments (booking_id, provider_reference, amount, exchange_rate, captured_at, raw_event)
select id, 'sample_' || number, total, 1.0 + number / 1000000000.0, created_at,
  json_build_object('id', 'evt_' || number, 'amount', total)
from public.bookings where status in ('accepted', 'delivered', 'completed', 'in_progress');
insert into public.payouts (creator_id, amount, period, paid_at)
select md5('creator ' || 1 + n % 300)::uuid, 100 + n % 900,
  tstzrange(timestamptz '2026-01-01' + n / 300 * interval '1 month', timestamptz '2026-01-01' + (n / 300 + 1) * interval '1 month'),
  case when n % 4 > 0 then timestamptz '2026-02-03' + n / 300 * interval '1 month' end
from generate_series(0, 1199) n;
insert into public.notifications (user_id, kind, payload, seen)
select md5('person ' || 1 + n % 2000)::uuid, (array['message', 'booking', 'review'])[1 + n % 3],
  jsonb_build_object('n', n, 'deep', jsonb_build_object('list', jsonb_build_array(1, null, 'x'))), n % 2 = 0
from generate_series(1, 5000) n;
insert into public.favorites (user_id, creator_id)
select md5('person ' || 1 + n % 2000)::uuid, md5('creator ' || 1 + (n * 13) % 1500)::uuid
from generate_series(1, 2000) n on conflict do nothing;

insert into public.blog_posts (slug, title, body, author_id, published_on)
select 'post-' || n, 'How sample posts work, part ' || n, repeat(format('Paragraph %s of the sample post. ', n), 400),
  md5('person ' || n)::uuid, date '2026-01-01' + n from generate_series(1, 40) n;
insert into public.platform_settings (key, value, "Last changed by") values
  ('fees', '{"platform": 0.10, "big": 12345678901234567890}', null),
  ('maintenance', 'false', null), ('announcement', 'null', md5('person 1')::uuid), ('limits', '[1, 2, 3]', null);
insert into public.page_views (path, visitor, checksum, viewed_at)
select '/creators/' || n % 100, ('192.0.2.' || n % 255)::inet, sha256(n::text::bytea), timestamptz '2026-10-01' + n * interval '1 minute'
from generate_series(1, 2500) n;
insert into public.audit_log (actor_id, action, details, happened_at)
select md5('person ' || 1 + n % 2000)::uuid, (array['sign in', 'update', 'delete'])[1 + n % 3],
  jsonb_build_object('n', n), timestamptz '2025-06-01' + n * interval '5 hours'
from generate_series(1, 2500) n;

refresh materialized view public.category_figures;
create trigger announce_booking after insert or update of status on public.bookings
  for each row execute function public.notify_booking();
