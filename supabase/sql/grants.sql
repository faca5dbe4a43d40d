-- Nothing of the private schema is for the API's roles; the service may call and read everything.
revoke all on lifeboat.open_uploads, lifeboat.open_points, lifeboat.live_dump_holders from public, anon, authenticated;
grant select on lifeboat.open_uploads, lifeboat.open_points, lifeboat.live_dump_holders to service_role;
revoke all on all functions in schema lifeboat from public, anon, authenticated;
grant execute on all functions in schema lifeboat to service_role;
