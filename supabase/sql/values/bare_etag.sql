-- An ETag without its quotes and without the mark of a weak one.
create or replace function lifeboat.bare_etag(value text) returns text
language sql immutable parallel safe as $function$
  select nullif(regexp_replace(value, '^(?:W/)?"(.*)"$', '\1'), '')
$function$;
