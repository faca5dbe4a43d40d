import fc from "fast-check";

/** Random choices for the features of a schema. Each feature is a few statements that need no other feature. */
export interface Dice {
  /** One of the choices. */
  one<Value>(...choices: readonly Value[]): Value;
  /** The SQL or an empty text. */
  maybe(sql: string): string;
  int(min: number, max: number): number;
  /** Any text, as an SQL literal. */
  text(): string;
}

/** Odd names that are not used yet, qualified by the schema or bare. */
export interface Names {
  readonly schema: string;
  readonly of: (what: string) => string;
  readonly bare: (what: string) => string;
}

export function rollDice(value: fc.GeneratorValue): Dice {
  const one = <Value>(...choices: readonly Value[]) => value(fc.constantFrom, ...choices) as Value;
  return {
    one,
    maybe: (sql) => one(true, false) ? sql : "",
    int: (min, max) => value(fc.integer, { min, max }),
    text: () => literal(value(fc.string, { unit: "grapheme", maxLength: 20 }).replaceAll("\0", "")),
  };
}

type Feature = (dice: Dice, names: Names) => string;

const identities: Feature = ({ one, int, maybe }, { of, bare }) => {
  const step = one(-7, -1, 1, 3, 100);
  const [least, most] = step < 0 ? [-1_000, int(0, 9)] : [int(-9, 0), 1_000];
  const start = step < 0 ? most : least;
  const options = `start ${start} increment ${step} minvalue ${least} maxvalue ${most} cache ${int(1, 5)} ${
    one("", "cycle")
  }`;
  return `create table ${of("identity")} (a ${one("smallint", "integer", "bigint")} generated ${
    one("always", "by default")
  } as identity (${options}), b integer default ${int(0, 9)} ${maybe("not null")});
    insert into ${of("identity")} (b) select g from generate_series(1, ${int(0, 3)}) g;
    create ${maybe("unlogged")} sequence ${of("counter")} as ${one("smallint", "bigint")} ${options};
    ${maybe(`select nextval(${literal(of("counter"))});`)}
    ${maybe(`select setval(${literal(of("counter"))}, ${start}, ${one("true", "false")});`)}
    create ${maybe("unlogged")} table ${of("counted")} (id bigint default nextval(${
    literal(of("counter"))
  }), other bigint
      default ${maybe("2 *")} nextval(${literal(of("counter"))}) ${maybe(", extra serial")});
    ${maybe(`alter sequence ${of("counter")} owned by ${of("counted")}.${one("id", "other")};`)}
    insert into ${of("counted")} default values;
    ${maybe(`alter table ${of("identity")} rename column b to ${bare("b")};`)}`;
};

const foreignKeys: Feature = ({ one, maybe }, { of, bare }) => {
  const timing = one("", "deferrable", "deferrable initially deferred");
  const action = one("no action", "restrict", "cascade", "set null", "set default");
  return `create table ${of("pairs")} (a integer, b text, c integer, ${
    one("primary key (a, b)", "unique (a, b)", `constraint ${bare("key")} unique nulls not distinct (b, a)`)
  }, unique (a, b, c));
    create table ${of("of pairs")} (x integer default 1, y text default 'a', z integer);
    insert into ${of("pairs")} values (1, 'a', 1), (2, 'b', 2), (0, '', null);
    insert into ${of("of pairs")} values (1, 'a', 1), (2, 'b', null), (null, null, null);
    alter table ${of("of pairs")} add constraint ${bare("to pairs")} foreign key (x, y) references ${of("pairs")} (a, b)
      match ${one("full", "simple")} on update ${action} on delete ${
    one(action, "set null (y)", "set default (x)")
  } ${timing}
      ${maybe("not valid")};
    create table ${of("ring one")} (id integer primary key, next integer);
    create table ${of("ring two")} (id integer primary key, next integer references ${of("ring one")} ${timing},
      self integer references ${of("ring two")} on delete ${action});
    insert into ${of("ring one")} values (1, 2), (2, 1);
    insert into ${of("ring two")} values (1, 2, 2), (2, 1, 1);
    alter table ${of("ring one")} add foreign key (next) references ${of("ring two")} ${timing};`;
};

const indexes: Feature = ({ one, maybe, int }, { of, bare }) =>
  `create table ${of("indexed")} (a integer, b text, c int4range, d jsonb, e text[], f tsvector, g point);
  insert into ${
    of("indexed")
  } select g, 'b' || g, int4range(g, g + 1), jsonb_build_object('g', g), array['e'], 'f', point(g, 0)
    from generate_series(1, ${int(0, 5)}) g;
  create unique index on ${of("indexed")} (a ${one("", "desc", "nulls first")}) ${maybe("include (b)")}
    ${maybe("nulls not distinct")} ${maybe(`with (fillfactor = ${int(10, 100)})`)} ${maybe("where a > 0")};
  create index ${bare("index")} on ${of("indexed")} ((lower(b) || 'x'), (a + 1) ${one("", "desc nulls last")});
  create index on ${of("indexed")} using ${
    one(
      "gist (c)",
      "gin (d jsonb_path_ops) with (fastupdate = off)",
      "gin (e)",
      "brin (a) with (pages_per_range = 4)",
      "hash (b)",
      "spgist (g)",
      'btree (b collate "C" text_pattern_ops)',
      "gin (f)",
    )
  };
  alter table ${of("indexed")} add constraint ${bare("apart")} exclude using gist (c with &&) ${maybe("where (a > 0)")}
    ${one("", "deferrable", "deferrable initially deferred")};
  ${maybe(`alter table ${of("indexed")} replica identity ${one("full", "nothing")};`)}
  ${maybe(`alter table ${of("indexed")} cluster on ${bare("index")};`)}
  create statistics ${of("statistics")} ${one("", "(dependencies)", "(mcv, ndistinct)")} on a, b from ${of("indexed")};
  ${maybe(`alter statistics ${of("statistics")} set statistics ${int(0, 99)};`)}
  alter table ${of("indexed")} alter b set storage ${one("external", "main", "plain")}, alter b set statistics ${
    int(0, 99)
  };`;

const types: Feature = ({ one, maybe, text }, { of, bare }) => {
  const labels = [...new Set(["E''", "E' '", "E'null'", "E'{a,\"b\"}'", text(), text()])].filter((label) =>
    new TextEncoder().encode(label).length < 60
  );
  const label = one(...labels);
  return `create type ${of("labels")} as enum (${labels.join(", ")});
    create domain ${of("list")} as ${of("labels")}[] default '{}' constraint ${
    bare("short")
  } check (cardinality(value) < 9) ${maybe("not null")};
    create type ${of("made")} as (${bare("first")} ${of("labels")}, second numeric(5, 2), third ${of("list")});
    create domain ${of("made more")} as ${of("made")} check ((value).second > 0);
    create type ${of("span")} as range (subtype = ${one("numeric", "text", "timestamptz")}, multirange_type_name = ${
    of("spans")
  });
    create function ${of("say")}(${of("made")}) returns text language sql immutable as 'select ''nothing''';
    ${maybe(`create cast (${of("made")} as text) with function ${of("say")}(${of("made")}) as assignment;`)}
    ${maybe(`create cast (${of("labels")} as integer) with inout;`)}
    create table ${of("typed")} (a ${of("labels")} default ${label}, b ${of("list")}, c ${of("made")}[], d ${
    of("made more")
  }, e ${of("span")}, f ${of("spans")}[]);
    insert into ${of("typed")} values (${label}, array[${label}, null]::${
    of("labels")
  }[], array[row(${label}, 1.5, '{}')::${of("made")}, null], row(null, 2, array[${label}]::${
    of("labels")
  }[]), 'empty', array[null, '{}'::${of("spans")}]);
    insert into ${of("typed")} (b, c, f) values ('{}', '[2:2]={NULL}', '{}');
    comment on type ${of("labels")} is ${text()};
    comment on domain ${of("list")} is ${text()};
    ${maybe(`create table ${of("of type")} of ${of("made")} (second with options default 3);`)}`;
};

const partitions: Feature = ({ one, maybe, text }, { of, bare }) =>
  `create table ${of("parts")} (id integer ${
    maybe("not null")
  }, kind text, note text default ${text()}, doubled integer generated always
    as (id * 2) stored) partition by list (kind);
  create table ${of("part a")} partition of ${of("parts")} for values in ('a', null) partition by range (id);
  create table ${of("part a low")} partition of ${of("part a")} for values from (minvalue) to (10);
  create table ${of("part a high")} (gone integer, note text, kind text, id integer ${
    one("", "not null")
  }, doubled integer
    generated always as (id * 2) stored, check (id > 0));
  alter table ${of("part a high")} drop column gone;
  alter table ${of("part a high")} alter id set not null;
  alter table ${of("part a")} attach partition ${of("part a high")} for values from (10) to (maxvalue);
  create table ${of("part rest")} partition of ${of("parts")} default ${maybe("with (fillfactor = 30)")};
  ${maybe(`create unique index ${bare("of parts")} on ${of("parts")} (kind, id);`)}
  ${maybe(`create index on ${of("parts")} (note);`)}
  ${maybe(`alter table ${of("parts")} add constraint ${bare("limit")} check (length(note) < 1000);`)}
  ${maybe(`alter table ${of("part rest")} alter note set default 'its own';`)}
  insert into ${of("parts")} (id, kind) values (1, 'a'), (11, 'a'), (12, null), (5, 'other');
  create table ${of("base")} (id integer ${one("primary key", "")}, name text default 'base' ${
    maybe("not null")
  }, check (id > 0));
  create table ${of("beside")} (extra text);
  create table ${of("heir")} (name text default 'heir', more integer) inherits (${of("base")}, ${of("beside")});
  ${maybe(`alter table ${of("heir")} alter name drop default;`)}
  insert into ${of("base")} values (1, 'x');
  insert into ${of("heir")} values (2, 'y', null, 3);`;

const security: Feature = ({ one, maybe, text }, { schema, of, bare }) =>
  `create table ${of("guarded")} (id integer, owner uuid ${maybe("default auth.uid()")}, secret text);
  insert into ${of("guarded")} values (1, null, ${text()});
  alter table ${of("guarded")} enable row level security ${maybe(", force row level security")};
  create policy ${bare("policy")} on ${of("guarded")} as ${one("permissive", "restrictive")} for ${
    one("all", "update")
  } to ${one("public", "anon, authenticated", "service_role")} using (owner = auth.uid()) ${
    maybe("with check (owner is not null)")
  };
  create policy ${bare("insert")} on ${of("guarded")} for insert with check (exists (select from ${
    of("guarded")
  } g where g.id > 5));
  comment on policy ${bare("policy")} on ${of("guarded")} is ${text()};
  grant select (id, owner), ${one("insert (id)", "update (secret)", "references (id)")} on ${of("guarded")} to anon;
  grant ${one("all", "select, delete", "trigger")} on ${of("guarded")} to ${
    one("authenticated", "service_role", "public")
  };
  ${maybe(`grant update on ${of("guarded")} to authenticated with grant option;`)}
  ${
    maybe(
      `revoke ${one("all", "insert")} on ${of("guarded")} from postgres; grant select on ${of("guarded")} to postgres;`,
    )
  }
  ${maybe(`grant usage on schema ${schema} to anon, authenticated;`)}
  ${
    maybe(
      `alter default privileges in schema ${schema} grant ${one("all", "select")} on tables to ${
        one("anon", "service_role")
      };`,
    )
  }
  ${maybe(`alter default privileges in schema ${schema} grant execute on functions to authenticated;`)}
  ${maybe(`alter default privileges in schema ${schema} grant usage on types to anon;`)}`;

const views: Feature = ({ one, maybe, text }, { of, bare }) =>
  `create table ${of("seen")} (id integer primary key, "a b" text);
  insert into ${of("seen")} values (1, 'x'), (2, ${text()});
  create view ${of("z view")} ${
    maybe(`with (security_invoker = ${one("true", "false")}, security_barrier)`)
  } as select id, "a b" from ${of("seen")} where id > 0 ${
    one("", "with local check option", "with cascaded check option")
  };
  create view ${of("above")} (${bare("one")}, two) as select v.id, s."a b" from ${of("z view")} v join ${
    of("seen")
  } s using (id);
  create view ${of("grouped")} as select * from ${of("seen")} group by id;
  create function ${of("rows")}() returns setof ${of("above")} language sql stable as ${
    literal(`select * from ${of("above")}`)
  };
  create materialized view ${of("kept")} as select * from ${of("rows")}() with ${one("data", "no data")};
  create materialized view ${of("a kept")} as select two, count(*) as n from ${of("kept")} group by two with no data;
  create unique index on ${of("a kept")} (two);
  ${maybe(`refresh materialized view ${of("kept")}; refresh materialized view ${of("a kept")};`)}
  ${
    maybe(
      `create rule ${bare("rule")} as on insert to ${of("above")} do instead insert into ${
        of("seen")
      } values (new.two::integer);`,
    )
  }
  ${maybe(`alter view ${of("z view")} alter "a b" set default ${text()};`)}
  ${maybe(`grant select (two) on ${of("above")} to anon;`)}
  comment on column ${of("above")}.two is ${text()};
  comment on materialized view ${of("kept")} is ${text()};`;

const routines: Feature = ({ one, maybe, int, text }, { schema, of }) =>
  `create function ${of("plus")}(a integer, b integer default ${int(0, 9)}) returns integer language ${
    one(
      "sql immutable parallel safe as 'select $1 + $2'",
      "sql immutable return a + b",
      "plpgsql stable cost 7 as 'begin return a + b; end'",
      "plpgsql strict security definer set search_path = '' set work_mem = '1MB' as $x$ begin return a + length($y$ ; -- $y$); end $x$",
    )
  };
  create function ${of("plus")}(text) returns text language sql as 'select $1';
  create function ${
    of("table")
  }("in" text default ${text()}, variadic more integer[] default '{}') returns table (x integer, "Y y" text)
    language sql rows ${int(1, 99)} as 'select 1, $1';
  create procedure ${of("work")}(inout a integer) language plpgsql as $$ begin a := ${int(0, 9)}; end $$;
  create aggregate ${of("sum")} (integer) (sfunc = ${of("plus")}, stype = integer ${maybe(", initcond = '0'")} ${
    maybe(`, combinefunc = ${of("plus")}`)
  });
  create operator ${schema}.@+@ (leftarg = integer, rightarg = integer, function = ${of("plus")});
  ${maybe(`revoke execute on function ${of("plus")}(integer, integer) from public;`)}
  ${maybe(`grant execute on function ${of("plus")}(text) to anon with grant option;`)}
  create table ${of("computed")} (a integer, b integer default ${
    of("plus")
  }(1, 2), c text generated always as (upper('x' || a)) stored);
  insert into ${of("computed")} (a) values (1), (null);
  comment on function ${of("plus")}(text) is ${text()};
  create function ${of("fire")}() returns trigger language plpgsql as 'begin return coalesce(new, old); end';
  create trigger "fi re" ${one("before", "after")} insert or update of a on ${of("computed")} for each row ${
    maybe("when (new.a > 0)")
  } execute function ${of("fire")}(${maybe(text())});
  create constraint trigger checks after insert on ${of("computed")} ${
    one("", "deferrable initially deferred")
  } for each row execute function ${of("fire")}();
  create trigger seen after delete on ${
    of("computed")
  } referencing old table as gone for each statement execute function ${of("fire")}();
  alter table ${of("computed")} ${one("enable", "disable", "enable always", "enable replica")} trigger seen;
  comment on trigger "fi re" on ${of("computed")} is ${text()};`;

const odds: Feature = ({ one, maybe, int, text }, { of, bare }) =>
  `create collation ${of("order")} (provider = icu, locale = ${one("'de-u-co-phonebk'", "'en-u-kn-true'")} ${
    maybe(", deterministic = false")
  });
  create table ${of("sorted")} (a text collate ${of("order")}, b text collate "C" primary key, c text ${
    maybe("compression pglz")
  });
  insert into ${of("sorted")} values ('10', ${text()}, ${text()});
  create unlogged table ${of("unlogged")} (${bare("v")} integer ${
    maybe("generated always as identity")
  }) with (fillfactor = ${int(10, 100)}, autovacuum_enabled = ${one("true", "false")} ${
    maybe(", toast.autovacuum_enabled = false")
  });
  insert into ${of("unlogged")} default values;
  create table ${of("none")} ();
  insert into ${of("none")} default values;
  create table ${of("dropped")} (a integer, b text, c text);
  alter table ${of("dropped")} drop column b, add column d integer default ${int(0, 9)};
  insert into ${of("dropped")} values (1, ${text()});
  alter table ${of("dropped")} add constraint ${bare("later")} check (a > 1) not valid;
  create text search configuration ${of("search")} (copy = ${one("english", "simple")});
  ${maybe(`alter text search configuration ${of("search")} alter mapping for word with simple;`)}
  create publication ${bare("publication")} for table ${of("sorted")} ${maybe("(b, c)")} ${maybe("where (b > 'a')")}
    with (publish = ${one("'insert'", "'insert, update'")});
  comment on table ${of("sorted")} is ${text()};
  comment on column ${of("sorted")}.a is ${text()};`;

export const FEATURES: readonly Feature[] = [
  identities,
  foreignKeys,
  indexes,
  types,
  partitions,
  security,
  views,
  routines,
  odds,
];

export function literal(value: string): string {
  const escaped = value.replaceAll("'", "''").replaceAll("\\", "\\\\");
  return `E'${escaped}'`;
}

export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
