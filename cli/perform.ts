import { Command } from "@commander-js/extra-typings";
import process from "node:process";
import { createRedactor, type Environment } from "../supabase/functions/_shared/config/mod.ts";
import { asLifeboatError, LifeboatError } from "../supabase/functions/_shared/engine/errors.ts";
import { type ExitCode, exitCodeOfError } from "./exit_code.ts";
import { whenInterrupted } from "./interrupt.ts";
import { readEnvironment, secretsIn, settingOptions, type SettingsOptions } from "./settings.ts";

/** What a command may use. */
export interface Host {
  readonly environment: Environment;
  /** When true, standard output holds one JSON document and nothing else. */
  readonly json: boolean;
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  /** Prints a line for people while the command works; it is not part of the result. */
  tell(line: string): void;
}

/** The result of a command, with the same content for people and for machines. */
export interface Outcome {
  readonly exitCode: ExitCode;
  readonly json: unknown;
  readonly text: string;
}

export type SharedOptions = SettingsOptions & { readonly json?: true | undefined };

/** Makes a command with the options that all commands take. */
export function newCommand<Name extends string>(name: Name, description: string) {
  const command = new Command(name).description(description)
    .option("--json", "print one JSON document for machines")
    .exitOverride()
    .showHelpAfterError("Add --help to see what the command takes.");
  for (const option of settingOptions()) command.addOption(option);
  return command;
}

/** The end of a command's help. */
export function examples(...lines: readonly (readonly [command: string, effect: string])[]): string {
  return `\nExamples:\n${lines.map(([command, effect]) => `  lifeboat ${command}\n      ${effect}`).join("\n")}`;
}

/** Runs a command, prints its outcome and sets the exit code. Secrets are removed from all output. */
export async function perform(options: SharedOptions, work: (host: Host) => Promise<Outcome>): Promise<void> {
  const json = options.json === true;
  let redact = createRedactor(secretsIn(process.env));
  try {
    const environment = await readEnvironment(options, process.env);
    redact = createRedactor(secretsIn(environment));
    const outcome = await work({
      environment,
      json,
      signal: whenInterrupted(),
      tell: (line) => json || console.error(redact(line)),
    });
    console.log(redact(json ? JSON.stringify(outcome.json, null, 2) : outcome.text));
    process.exitCode = outcome.exitCode;
  } catch (thrown) {
    const error = asLifeboatError(thrown, "cli");
    console[json ? "log" : "error"](
      redact(json ? errorDocument(error) : `${error.message}\n${error.hint} (${error.code})`),
    );
    process.exitCode = exitCodeOfError(error);
  }
}

function errorDocument({ code, message, hint, subject }: LifeboatError): string {
  return JSON.stringify(
    { error: { code, message, hint, ...(code === "already_running" && { runId: subject }) } },
    null,
    2,
  );
}
