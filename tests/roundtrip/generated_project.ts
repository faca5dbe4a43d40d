import fc from "fast-check";
import { FEATURES, identifier, literal, type Names, rollDice } from "./generated_features.ts";

/** A random schema with its rows, for cases that nobody would think of. */
export interface GeneratedSchema {
  /** The schema's name, unquoted. */
  readonly schema: string;
  readonly sql: string;
}

export const SCHEMAS_PER_PROJECT = 5;

interface Type {
  readonly name: string;
  /** Random values, as SQL. */
  readonly value: fc.Arbitrary<string>;
  /** True when the type has a default B-tree order that takes every value. */
  readonly sortable?: boolean;
}

/** Any text that PostgreSQL can hold. */
const text = fc.string({ unit: "grapheme", maxLength: 40 }).map((value) => value.replaceAll("\0", ""));
const long = fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 8 }).chain((part) =>
  fc.integer({ min: 1, max: 3_000 }).map((times) => part.repeat(times))
);
const quoted = (values: fc.Arbitrary<string>) => values.map(literal);
const json = fc.oneof(
  fc.json(),
  fc.constantFrom(
    "null",
    '"null"',
    '{"$lifeboat":"null"}',
    '{"$lifeboat":{"$lifeboat":1}}',
    "1e400",
    "12345678901234567890.10",
  ),
).map((value) => value.replaceAll("\\u0000", ""));
const bigint = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String);
const numeric = fc.tuple(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), fc.integer({ min: 0, max: 20 }))
  .map(([digits, scale]) => `${digits}e-${scale}`);
const timestamp = fc.date({ min: new Date("0001-01-01"), max: new Date("9999-12-31"), noInvalidDate: true })
  .map((date) => date.toISOString());

const TYPES: readonly Type[] = [
  { name: "text", value: quoted(fc.oneof(text, long)) },
  { name: "character varying(50)", value: quoted(text), sortable: true },
  { name: "character(9)", value: quoted(fc.string({ unit: "grapheme-ascii", maxLength: 9 })), sortable: true },
  { name: "smallint", value: fc.integer({ min: -32768, max: 32767 }).map((value) => `'${value}'`), sortable: true },
  { name: "integer", value: fc.integer().map((value) => `'${value}'`), sortable: true },
  { name: "bigint", value: quoted(bigint), sortable: true },
  { name: "numeric", value: quoted(fc.oneof(numeric, fc.constantFrom("NaN", "Infinity", "0.000"))), sortable: true },
  { name: "real", value: quoted(fc.float().map(number)), sortable: true },
  { name: "double precision", value: quoted(fc.double().map(number)), sortable: true },
  { name: "boolean", value: fc.boolean().map(String) },
  { name: "bytea", value: fc.uint8Array({ maxLength: 60 }).map((bytes) => `'\\x${hex(bytes)}'`), sortable: true },
  { name: "uuid", value: quoted(fc.uuid()), sortable: true },
  {
    name: "date",
    value: quoted(fc.oneof(timestamp.map((at) => at.slice(0, 10)), fc.constant("-infinity"))),
    sortable: true,
  },
  { name: "timestamp with time zone", value: quoted(fc.oneof(timestamp, fc.constant("infinity"))), sortable: true },
  { name: "timestamp(3) without time zone", value: quoted(timestamp), sortable: true },
  {
    name: "interval",
    value: fc.tuple(fc.integer(), fc.integer()).map(([d, s]) => `'${d % 9999} days ${s % 99999} seconds'`),
  },
  { name: "json", value: quoted(json) },
  { name: "jsonb", value: quoted(json) },
  { name: "inet", value: quoted(fc.oneof(fc.ipV4(), fc.ipV6())), sortable: true },
  {
    name: "text[]",
    value: fc.array(fc.option(text, { nil: null }), { maxLength: 4 }).map((items) => array(items, "text")),
  },
  {
    name: "bigint[]",
    value: fc.array(fc.option(bigint, { nil: null }), { maxLength: 4 }).map((items) => array(items, "bigint")),
  },
  { name: "jsonb[]", value: fc.array(json, { maxLength: 3 }).map((items) => array(items, "jsonb")) },
  {
    name: "int8range",
    value: fc.tuple(fc.integer(), fc.nat(1000)).map(([from, more]) => `'[${from},${from + more}]'`),
  },
  { name: "public.mood", value: fc.constantFrom("''", "'sad, \"very\"'", "'froh 😀'"), sortable: true },
  { name: "public.share", value: fc.integer({ min: 0, max: 10_000 }).map((value) => `${value / 100}`), sortable: true },
  {
    name: "public.pair",
    value: fc.tuple(text, bigint).map(([one, two]) => `row(${literal(one)}, ${two})::public.pair`),
  },
];

/** SQL for the types that tables of every schema use. */
export const PREFACE = `
  create type public.mood as enum ('', 'sad, "very"', 'froh 😀');
  create domain public.share as numeric(5, 2) check (value >= 0);
  create type public.pair as (one text, "T W O" bigint);
`;

/** Names of any characters, of at most 63 bytes, which is PostgreSQL's limit. */
const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 })
  .map((value) => value.replaceAll("\0", "_"))
  .filter((value) => new TextEncoder().encode(value).length <= 55);

interface Column {
  readonly type: Type;
  readonly notNull: boolean;
  readonly indexed: boolean;
}

const column: fc.Arbitrary<Column> = fc.record({
  type: fc.constantFrom(...TYPES),
  notNull: fc.boolean(),
  indexed: fc.boolean(),
});

const key = fc.constantFrom("always", "by default", "serial", "none");

const table = fc.record({
  name,
  key,
  columns: fc.uniqueArray(fc.tuple(name, column), { maxLength: 7, selector: ([name]) => name }),
  generated: fc.boolean(),
  partitions: fc.boolean(),
  points: fc.option(fc.nat(5), { nil: null }),
  rowCount: fc.oneof(fc.constant(0), fc.nat(12)),
  seed: fc.nat(),
});

const generatedTables = fc
  .uniqueArray(table, { minLength: 1, maxLength: 5, selector: ({ name }) => name })
  .chain((tables) =>
    fc.tuple(
      ...tables.map(({ columns, rowCount }) =>
        fc.array(
          fc.tuple(
            ...columns.map(([, { type, notNull }]) => notNull ? type.value : fc.option(type.value, { nil: "null" })),
          ),
          {
            minLength: rowCount,
            maxLength: rowCount,
          },
        )
      ),
    ).map((rows) => ({ tables, rows: rows as string[][][] }))
  );

/** Names of features begin with such a name, so it is shorter than PostgreSQL allows. */
const oddName = name.filter((value) => new TextEncoder().encode(value).length <= 40);

const generatedSchema = fc.record({ after: oddName, odd: oddName, content: generatedTables });

/** Several schemas of one database, because objects that belong to no schema share their names. */
export const generatedProject: fc.Arbitrary<readonly GeneratedSchema[]> = fc.tuple(
  fc.uniqueArray(generatedSchema, {
    minLength: SCHEMAS_PER_PROJECT,
    maxLength: SCHEMAS_PER_PROJECT,
    selector: ({ after, odd }) => `${after}~${odd}`,
  }),
  // One source of random choices serves all schemas. Several could make the same choices.
  fc.gen(),
).map(([schemas, value]) =>
  schemas.map(({ after, odd, content: { tables, rows } }, index) => {
    const schema = `${index} ${after}`;
    const quoted = identifier(schema);
    const bare = (what: string) => identifier(`${odd}~${index}~${what}`);
    const names: Names = { schema: quoted, bare, of: (what) => `${quoted}.${bare(what)}` };
    const features = value(fc.subarray, [...FEATURES], { minLength: 4 });
    const dice = rollDice(value);
    return {
      schema,
      sql: [
        `create schema ${quoted};`,
        build(quoted, tables, rows),
        ...features.map((feature) => feature(dice, names)),
      ].join("\n"),
    };
  })
);

type Table = typeof table extends fc.Arbitrary<infer Value> ? Value : never;

/** The SQL of a schema: tables whose names differ by a letter, and random features. */
function build(schema: string, tables: readonly Table[], rows: readonly string[][][]): string {
  const statements: string[] = [];
  const names = tables.map(({ name }) => `${schema}.${identifier(name)}`);
  tables.forEach((table, index) => {
    const id = identifier(`id of ${table.name}`.slice(0, 20));
    const columns = table.columns.map(([name, { type, notNull }]) =>
      `${identifier(`c ${name}`)} ${type.name}${notNull ? " not null" : ""}`
    );
    const isKeyed = table.key !== "none";
    const isPartitioned = table.partitions && isKeyed;
    if (isKeyed) {
      columns.unshift(
        `${id} ${table.key === "serial" ? "bigserial" : `bigint generated ${table.key} as identity`} primary key`,
      );
    }
    if (table.generated && isKeyed) columns.push(`doubled bigint generated always as (${id} * 2) stored`);
    statements.push(
      `create table ${names[index]} (${columns.join(", ")})${isPartitioned ? ` partition by hash (${id})` : ""};`,
    );
    for (const part of isPartitioned ? [0, 1] : []) {
      statements.push(
        `create table ${schema}.${identifier(`${table.name} ${part}`)} partition of ${
          names[index]
        } for values with (modulus 2, remainder ${part});`,
      );
    }
    for (const [name, { type, indexed }] of table.columns) {
      if (indexed && type.sortable) statements.push(`create index on ${names[index]} (${identifier(`c ${name}`)});`);
    }
    const filled = table.columns.map(([name]) => identifier(`c ${name}`)).join(", ");
    for (const row of rows[index]) {
      statements.push(
        filled === ""
          ? `insert into ${names[index]} default values;`
          : `insert into ${names[index]} (${filled}) values (${row.join(", ")});`,
      );
    }
  });
  tables.forEach(({ points, name }, index) => {
    const other = points === null ? undefined : tables[points % tables.length];
    if (!other || other.key === "none") return;
    // References point forward, backward and at the table itself, so that there are cycles.
    const reference = identifier(`to ${name}`.slice(0, 20));
    const target = names[tables.indexOf(other)];
    const id = identifier(`id of ${other.name}`.slice(0, 20));
    statements.push(
      `alter table ${names[index]} add column ${reference} bigint references ${target};`,
      `update ${names[index]} set ${reference} = (select min(${id}) from ${target});`,
    );
  });
  return statements.join("\n");
}

function array(items: readonly (string | null)[], type: string): string {
  return `array[${items.map((item) => item === null ? "null" : literal(item)).join(", ")}]::${type}[]`;
}

function number(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
