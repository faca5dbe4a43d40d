-- Grants and row level security of the sample project. New public tables get no grants on their own.

grant select on all tables in schema public to authenticated;
grant select on public.profiles, public.creator_profiles, public.creator_categories, public.categories,
  public.social_accounts, public.creator_services, public.portfolio_media, public.reviews, public.blog_posts,
  public.creator_directory, public.category_figures to anon;
grant insert, update, delete on public.profiles, public.creator_profiles, public.creator_services,
  public.portfolio_media, public.campaigns, public.campaign_applications, public.bookings,
  public.booking_deliverables, public.messages, public.reviews, public.favorites to authenticated;
grant all on all tables in schema public to service_role;
grant usage on all sequences in schema public to authenticated, service_role;
revoke all on function public.has_role(uuid, public.app_role), public.notify_booking() from public, anon;
grant execute on function public.has_role(uuid, public.app_role) to authenticated, service_role;
alter default privileges in schema public grant select on tables to service_role;

do $$
declare
  target regclass;
begin
  for target in
    select c.oid from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
  loop
    execute format('alter table %s enable row level security', target);
    execute format($policy$
      create policy "Admins do everything" on %s for all to authenticated
        using ((select public.has_role((select auth.uid()), 'admin')))
        with check ((select public.has_role((select auth.uid()), 'admin')))
    $policy$, target);
  end loop;
end $$;

create policy "Everybody reads profiles" on public.profiles for select using (true);
create policy "Everybody changes their own profile" on public.profiles for update to authenticated
  using (id = (select auth.uid())) with check (id = (select auth.uid()));
create policy "Everybody reads their own roles" on public.user_roles for select to authenticated
  using (user_id = (select auth.uid()));
create policy "Everybody reads creators" on public.creator_profiles for select using (true);
create policy "Everybody reads categories" on public.categories for select using (true);
create policy "Everybody reads creator categories" on public.creator_categories for select using (true);
create policy "Everybody reads social accounts" on public.social_accounts for select using (true);
create policy "Everybody reads active services" on public.creator_services for select using (active);
create policy "Everybody reads portfolios" on public.portfolio_media for select using (true);
create policy "Everybody reads reviews" on public.reviews for select using (true);
create policy "Everybody reads published posts" on public.blog_posts for select
  using (published_on <= current_date);
create policy "Both sides read their bookings" on public.bookings for select to authenticated using (
  exists (select from public.creator_profiles c where c.id = creator_id and c.user_id = (select auth.uid()))
  or exists (select from public.brand_profiles b where b.id = brand_id and b.user_id = (select auth.uid()))
);
create policy "Everybody reads their notifications" on public.notifications for select to authenticated
  using (user_id = (select auth.uid()));
create policy "Everybody keeps favorites" on public.favorites for all to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
