import { quoteLiteral } from "../../format/sql_names.ts";

/** `sql` as a statement that only runs where `condition` holds on the target, with a notice where it does not. */
export function guarded(sql: string, condition: string, name: string): string {
  const notice = `Lifeboat: ${name} is left as it is on this server`;
  const body = `begin
  if ${condition} then
    ${asPlpgsql(sql)}
  else
    raise notice '%', ${quoteLiteral(notice)};
  end if;
end`;
  let tag = "$lifeboat$";
  for (let number = 1; body.includes(tag); number++) tag = `$lifeboat${number}$`;
  return `do ${tag}\n${body}\n${tag};`;
}

/** PL/pgSQL refuses a bare SELECT, because its rows have no destination. */
function asPlpgsql(sql: string): string {
  return sql.replace(/^select /, "perform ");
}
