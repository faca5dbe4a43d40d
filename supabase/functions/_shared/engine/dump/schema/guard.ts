import { quoteLiteral } from "../../format/sql_names.ts";

/** `sql` as a statement that runs only where `condition` holds on the target, and says so where it does not. */
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

/** A bare SELECT has nowhere to put its rows in PL/pgSQL. */
function asPlpgsql(sql: string): string {
  return sql.replace(/^select /, "perform ");
}
