import type { SchemaStatement } from "../format/schema_statement.ts";

/** A statement that the platform never lets a project's role run. Listing it saves the owner from judging errors. */
export interface KnownRestriction {
  /** SQLSTATE. https://www.postgresql.org/docs/current/errcodes-appendix.html */
  readonly state: string;
  /** Kinds of statements (dump/schema/kinds.ts). */
  readonly kinds: readonly string[];
  readonly message: RegExp;
  /** Why the statement is refused, and what follows from that. */
  readonly reason: string;
}

const INSUFFICIENT_PRIVILEGE = "42501";

/** An error that is not in this table stops the restore. */
export const KNOWN_RESTRICTIONS: readonly KnownRestriction[] = [
  {
    state: INSUFFICIENT_PRIVILEGE,
    kinds: ["comment"],
    message: /must be owner of (extension|schema|event trigger|publication)/,
    reason: "The platform owns it, so its comment stays as the platform wrote it.",
  },
  {
    state: INSUFFICIENT_PRIVILEGE,
    kinds: ["event trigger", "event trigger state"],
    message: /permission denied to (create|alter) event trigger|must be owner of event trigger/,
    reason: "Only a superuser may make event triggers on this server. Ask whoever runs it.",
  },
  {
    state: INSUFFICIENT_PRIVILEGE,
    kinds: ["publication", "publication member"],
    message:
      /must be superuser to (create|alter) .*(FOR ALL TABLES|TABLES IN SCHEMA)|must be superuser to add or drop schemas/,
    reason: "Only a superuser may publish all tables. Publish the tables one by one.",
  },
  {
    state: INSUFFICIENT_PRIVILEGE,
    kinds: ["foreign data wrapper"],
    message: /permission denied to create foreign-data wrapper/,
    reason: "Only a superuser may make a foreign data wrapper; the extension that brings it makes it again.",
  },
  {
    state: INSUFFICIENT_PRIVILEGE,
    kinds: ["operator class", "operator family"],
    message: /must be superuser to create an operator (class|family)/,
    reason: "Only a superuser may make operator classes. Indexes that use it cannot be built here.",
  },
  {
    state: INSUFFICIENT_PRIVILEGE,
    kinds: ["setting"],
    message: /permission denied to (set parameter|alter role)|must be (owner of database|superuser)/,
    reason: "This role may not change that setting here. Set it in the dashboard.",
  },
  {
    state: INSUFFICIENT_PRIVILEGE,
    kinds: ["default privileges", "default privileges revoke"],
    message: /permission denied to change default privileges|must be (able to SET ROLE|member of role)/,
    reason: "The defaults of a role that is not ours are kept by whoever owns it.",
  },
  {
    state: INSUFFICIENT_PRIVILEGE,
    kinds: ["role membership"],
    message: /permission denied to grant role|must have admin option on role/,
    reason: "This role may not grant that role here. Ask whoever runs the server.",
  },
];

/** The entry that explains an error; undefined when there is none. */
export function knownRestriction(
  statement: SchemaStatement,
  state: string | undefined,
  message: string,
): KnownRestriction | undefined {
  return KNOWN_RESTRICTIONS.find((entry) =>
    entry.state === state && entry.kinds.includes(statement.kind) && entry.message.test(message)
  );
}
