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
