import assert from "node:assert/strict";
import { test } from "node:test";

import { accountOf, person, textOf } from "../extension/letter.js";
import { mismatch, stateOf } from "../extension/states.js";

test("people are read as mail programs write them", () => {
  assert.deepEqual(person("Bob Miller <bob@example.org>"), { name: "Bob Miller", address: "bob@example.org" });
  assert.deepEqual(person('"Miller, Bob \\"B\\"" <bob@example.org>'), { name: 'Miller, Bob "B"', address: "bob@example.org" });
  assert.deepEqual(person("bob@example.org"), { name: "", address: "bob@example.org" });
  assert.deepEqual(person("<bob@example.org>"), { name: "", address: "bob@example.org" });
  assert.equal(person("Bob"), null);
});

test("the plain part is taken, and little of a long one", async () => {
  const plain = async (/** @type {string} */ html) => html.replace(/<[^>]+>/g, "");
  const both = [{ contentType: "text/html", content: "<p>b</p>" }, { contentType: "text/plain", content: "a" }];
  assert.equal(await textOf(both, plain), "a");
  assert.equal(await textOf([{ contentType: "text/html", content: "<p>b</p>" }], plain), "b");
  assert.equal(await textOf([], plain), "");
  assert.equal((await textOf([{ contentType: "text/plain", content: "x".repeat(2e6) }], plain)).length, 24_000);
});

test("an account is found by any of its addresses", () => {
  const account = /** @type {any} */ ({ name: "a", address: "a@example.org", addresses: ["a@example.org", "B@example.org"] });
  assert.equal(accountOf([account], "b@EXAMPLE.org"), account);
  assert.equal(accountOf([account], "c@example.org"), undefined);
});

test("every failure has a sentence and something to do", () => {
  assert.deepEqual(stateOf({ reason: "DAEMON_STOPPED", message: "m" }), { sentence: "state_stopped", detail: "", remedy: "start" });
  assert.deepEqual(stateOf({ reason: "LIMIT_REACHED", message: "used up", hint: "wait" }),
    { sentence: "state_limit", detail: "used up – wait", remedy: "privacy" });
  assert.equal(stateOf({ reason: "WHO_KNOWS", message: "m" }).sentence, "state_other");
  assert.equal(stateOf(new TypeError("x")).sentence, "state_other");
});

test("a plugin and a daemon of other times know it", () => {
  assert.deepEqual([mismatch(1, 1), mismatch(2, 1), mismatch(1, 2)], ["", "PLUGIN_OLD", "TOO_OLD"]);
});
