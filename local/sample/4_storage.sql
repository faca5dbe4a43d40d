-- Who may do what with the sample project's files. Hosted Supabase lets role postgres make policies on storage.objects;
-- here the table is the superuser's, so that this file runs as supabase_admin.

create policy "Everybody sees public pictures" on storage.objects for select
  using (bucket_id in ('profile-images', 'portfolio-media', 'brand-logos'));
create policy "People write their own folder" on storage.objects for insert to authenticated
  with check ((storage.foldername(name))[1] = (select auth.uid())::text);
create policy "Admins read CVs" on storage.objects for select to authenticated
  using (bucket_id = 'career-cvs' and public.has_role((select auth.uid()), 'admin'));
