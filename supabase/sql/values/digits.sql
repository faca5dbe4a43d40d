-- A whole number out of text that anybody may have written; null for anything else.
create or replace function lifeboat.digits(value text) returns bigint
language sql immutable parallel safe as $function$
  select case when value ~ '^[0-9]{1,18}$' then value::bigint end
$function$;
