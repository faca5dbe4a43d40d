import type { Session } from "../../supabase/functions/_shared/engine/database.ts";
import type { LeasedRun } from "../../supabase/functions/_shared/engine/run/run_store.ts";
import type { MediaDependencies } from "../../supabase/functions/_shared/engine/media/media_settings.ts";
import type { MultipartUpload, ObjectStore } from "../../supabase/functions/_shared/engine/store/object_store.ts";
import { PausableProcess } from "../support/pausable_process.ts";

/** A killed process does nothing more: it does not even clean up. */
export class Killed extends Error {}

/**
 * Kills a run right after its nth effect (statement or request to S3), before the answer arrives. What that leaves is
 * also what a kill right before the next effect leaves.
 */
export class Tripwire {
  #steps = 0;
  #dead = false;
  #paused = false;

  /** Before each step `pauses` may stop the process until what it returns has settled; then it goes on. */
  constructor(
    private readonly step: number,
    private readonly process: PausableProcess = new PausableProcess(),
    private readonly pauses: (step: number, what: string) => Promise<unknown> | undefined = () => undefined,
  ) {}

  get tripped(): boolean {
    return this.#dead;
  }

  /** True when the process was ever stopped. */
  get paused(): boolean {
    return this.#paused;
  }

  async pass<Result>(effect: () => Promise<Result>, what = "call"): Promise<Result> {
    const resumed = this.pauses(this.#steps + 1, what);
    if (resumed !== undefined) {
      this.#paused = true;
      this.process.pause(resumed);
    }
    await this.process.running();
    if (this.#dead) throw new Killed();
    const result = await this.process.pass(effect);
    if (++this.#steps === this.step) {
      this.#dead = true;
      throw new Killed(`after step ${this.step}`);
    }
    return result;
  }

  /** The run's own line to the database falls silent with the process. Its heartbeats are no steps: there are as many as time passes. */
  kills(run: LeasedRun): void {
    const { connection } = run;
    const query = connection.query.bind(connection);
    connection.query = (text, params) =>
      this.#dead ? Promise.reject(new Killed()) : this.process.pass(() => query(text, params));
  }

  over(dependencies: MediaDependencies): MediaDependencies {
    const { database, store, source, clock } = dependencies;
    return {
      ...dependencies,
      clock: { ...clock, sleep: (ms, signal) => this.process.pass(() => clock.sleep(ms, signal)) },
      source: {
        check: (signal) => source.check(signal),
        open: (bucket, path, options, signal) => this.process.pass(() => source.open(bucket, path, options, signal)),
      },
      database: {
        connect: async (options, signal) => this.#session(await database.connect(options, signal)),
      },
      store: this.#store(store),
    };
  }

  #session(session: Session): Session {
    return {
      query: <Row>(text: string, params?: readonly unknown[], signal?: AbortSignal) =>
        this.pass(() => session.query<Row>(text, params, signal), text),
      copyOut: (text, signal) => this.#dead ? failing() : session.copyOut(text, signal),
      close: () => session.close(),
    };
  }

  #store(store: ObjectStore): ObjectStore {
    return {
      head: (key, options, signal) => this.pass(() => store.head(key, options, signal), `head ${key}`),
      get: (key, options, signal) => this.pass(() => store.get(key, options, signal), `get ${key}`),
      list: (prefix, signal) => store.list(prefix, signal),
      put: (key, body, options, signal) => this.pass(() => store.put(key, body, options, signal), `put ${key}`),
      putStream: (key, body, options, signal) => this.pass(() => store.putStream(key, body, options, signal)),
      openUpload: (key, options, signal) =>
        this.pass(async () => this.#upload(await store.openUpload(key, options, signal))),
      copy: (from, to, options, signal) => this.pass(() => store.copy(from, to, options, signal), `copy ${from}`),
      remove: (keys, signal) => this.pass(() => store.remove(keys, signal)),
    };
  }

  #upload(upload: MultipartUpload): MultipartUpload {
    return {
      uploadId: upload.uploadId,
      putPart: (number, bytes, signal) => this.pass(() => upload.putPart(number, bytes, signal), "put part"),
      complete: (parts, options, signal) => this.pass(() => upload.complete(parts, options, signal), "complete"),
      abort: (signal) => this.pass(() => upload.abort(signal)),
    };
  }
}

// deno-lint-ignore require-yield
async function* failing(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  throw new Killed();
}
