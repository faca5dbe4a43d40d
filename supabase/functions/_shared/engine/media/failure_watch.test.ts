import { deepStrictEqual, throws } from "node:assert/strict";
import { LifeboatError } from "../errors.ts";
import { createFailureWatch } from "./failure_watch.ts";

function failure(code: string): LifeboatError {
  return new LifeboatError({ code, kind: "transient", message: code, hint: "x" });
}

Deno.test("failures are held back until a success says that they are the objects' own", () => {
  const watch = createFailureWatch<number>();
  watch.failed(1, failure("source_unavailable"));
  watch.failed(2, failure("store_unavailable"));
  deepStrictEqual(watch.succeeded().map(({ item }) => item), [1, 2]);
  deepStrictEqual(watch.held(), []);
});

Deno.test("too many of a kind in a row are an outage: three of the store, twenty of others", () => {
  const watch = createFailureWatch<number>();
  const outage = failure("store_unavailable");
  watch.failed(1, outage);
  watch.failed(2, outage);
  throws(() => watch.failed(3, outage), (error) => error === outage);

  const other = createFailureWatch<number>();
  for (let i = 1; i < 20; i++) other.failed(i, failure("source_failed"));
  throws(() => other.failed(20, failure("source_failed")));
});
