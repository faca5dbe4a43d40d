import type { Session } from "../../supabase/functions/_shared/engine/database.ts";
import type { LeasedRun } from "../../supabase/functions/_shared/engine/run/run_store.ts";
import type { MediaDependencies } from "../../supabase/functions/_shared/engine/media/backup_media.ts";
import type { MultipartUpload, ObjectStore } from "../../supabase/functions/_shared/engine/store/object_store.ts";

/** What a killed process leaves: nothing after it happens, not even cleaning up. */
export class Killed extends Error {}

/**
 * Kills a run right after its nth effect (statement or request to S3), before the answer arrives. What that leaves is
 * also what a kill right before the next effect leaves.
 */
export class Tripwire {
  #steps = 0;
  #dead = false;

  constructor(private readonly step: number) {}

  get tripped(): boolean {
    return this.#dead;
  }

  async pass<Result>(effect: () => Promise<Result>): Promise<Result> {
    if (this.#dead) throw new Killed();
    const result = await effect();
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
    connection.query = (text, params) => this.#dead ? Promise.reject(new Killed()) : query(text, params);
  }

  over(dependencies: MediaDependencies): MediaDependencies {
    const { database, store } = dependencies;
    return {
      ...dependencies,
      database: {
        connect: async (options, signal) => this.#session(await database.connect(options, signal)),
      },
      store: this.#store(store),
    };
  }

  #session(session: Session): Session {
    return {
      query: <Row>(text: string, params?: readonly unknown[], signal?: AbortSignal) =>
        this.pass(() => session.query<Row>(text, params, signal)),
      copyOut: (text, signal) => this.#dead ? failing() : session.copyOut(text, signal),
      close: () => session.close(),
    };
  }

  #store(store: ObjectStore): ObjectStore {
    return {
      head: (key, options, signal) => this.pass(() => store.head(key, options, signal)),
      get: (key, options, signal) => this.pass(() => store.get(key, options, signal)),
      list: (prefix, signal) => store.list(prefix, signal),
      put: (key, body, options, signal) => this.pass(() => store.put(key, body, options, signal)),
      putStream: (key, body, options, signal) => this.pass(() => store.putStream(key, body, options, signal)),
      openUpload: (key, options, signal) =>
        this.pass(async () => this.#upload(await store.openUpload(key, options, signal))),
      copy: (from, to, options, signal) => this.pass(() => store.copy(from, to, options, signal)),
      remove: (keys, signal) => this.pass(() => store.remove(keys, signal)),
    };
  }

  #upload(upload: MultipartUpload): MultipartUpload {
    return {
      uploadId: upload.uploadId,
      putPart: (number, bytes, signal) => this.pass(() => upload.putPart(number, bytes, signal)),
      complete: (parts, options, signal) => this.pass(() => upload.complete(parts, options, signal)),
      abort: (signal) => this.pass(() => upload.abort(signal)),
    };
  }
}

// deno-lint-ignore require-yield
async function* failing(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  throw new Killed();
}
