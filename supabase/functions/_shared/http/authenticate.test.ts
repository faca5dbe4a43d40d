import { deepStrictEqual, rejects } from "node:assert/strict";
import { hasCode, LifeboatError } from "../engine/errors.ts";
import { authenticate, type Directory } from "./authenticate.ts";

const SECRET_KEY = "sb_secret_sample_0123456789";
const LEGACY_KEY = "legacy.service.role";
const admin = { id: "5f0c7b1e-3f2a-4c55-9d5e-0d3c5a0b7f11", email: "admin@example.com" };

function unavailable(code: string): LifeboatError {
  return new LifeboatError({ code, kind: "transient", message: "Sample.", hint: "Sample." });
}

/** A project with one admin (`admin.jwt.x`), one other user, and tokens for which it cannot answer. */
const project: Directory = {
  isSecretKey: (candidate) => Promise.resolve(candidate === SECRET_KEY || candidate === LEGACY_KEY),
  isLegacyServiceRoleKey: (candidate) => Promise.resolve(candidate === LEGACY_KEY),
  userOf(token) {
    if (token === "admin.jwt.x") return Promise.resolve(admin);
    if (token === "other.jwt.x") return Promise.resolve({ id: "other" });
    if (token === "unknown.role.x") return Promise.resolve({ id: "unknown" });
    if (token === "auth.down.x") return Promise.reject(unavailable("auth_unavailable"));
    return Promise.reject(new LifeboatError({ code: "invalid_token", kind: "refused", message: "No.", hint: "No." }));
  },
  isAdmin(userId) {
    if (userId === "unknown") return Promise.reject(unavailable("admin_check_failed"));
    return Promise.resolve(userId === admin.id);
  },
};

const service = { kind: "service" };
const adminCaller = { kind: "admin", userId: admin.id, email: admin.email };

for (
  const [what, headers, caller] of [
    ["a secret key on apikey", { apikey: SECRET_KEY }, service],
    ["the legacy service role key on apikey", { apikey: LEGACY_KEY }, service],
    ["the legacy service role key as bearer token", { authorization: `Bearer ${LEGACY_KEY}` }, service],
    ["a secret key beside a user's token", { apikey: SECRET_KEY, authorization: "Bearer other.jwt.x" }, service],
    ["an admin's token", { authorization: "Bearer admin.jwt.x" }, adminCaller],
    ["an admin's token beside the publishable key", {
      apikey: "sb_publishable_0123456789",
      authorization: "bearer  admin.jwt.x ",
    }, adminCaller],
  ] as const
) {
  Deno.test(`${what} is let in`, async () => {
    deepStrictEqual(await authenticate(new Headers(headers), project), caller);
  });
}

for (
  const [what, headers, code] of [
    ["no credentials", {}, "not_authenticated"],
    ["an empty key", { apikey: "" }, "not_authenticated"],
    ["a wrong key", { apikey: "sb_secret_wrong_0123456789" }, "not_authenticated"],
    ["two keys in one header", { apikey: `${SECRET_KEY}, ${SECRET_KEY}` }, "not_authenticated"],
    ["the publishable key alone", { apikey: "sb_publishable_0123456789" }, "not_authenticated"],
    ["the publishable key as bearer token", { authorization: "Bearer sb_publishable_0123456789" }, "not_authenticated"],
    ["a secret key as bearer token", { authorization: `Bearer ${SECRET_KEY}` }, "not_authenticated"],
    ["another scheme", { authorization: "Basic YWRtaW46YWRtaW4=" }, "not_authenticated"],
    ["an empty bearer token", { authorization: "Bearer " }, "not_authenticated"],
    ["a bad token", { authorization: "Bearer bad.jwt.x" }, "invalid_token"],
    ["a signed-in user", { authorization: "Bearer other.jwt.x" }, "not_admin"],
    ["a token while the Auth API is down", { authorization: "Bearer auth.down.x" }, "auth_unavailable"],
    ["a token while the database is down", { authorization: "Bearer unknown.role.x" }, "admin_check_failed"],
  ] as const
) {
  Deno.test(`${what} ends with ${code}`, async () => {
    await rejects(authenticate(new Headers(headers), project), (error) => hasCode(error, code));
  });
}
