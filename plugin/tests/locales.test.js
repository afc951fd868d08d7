import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

const EXTENSION = new URL("../extension/", import.meta.url);
const read = (/** @type {string} */ path) => readFileSync(new URL(path, EXTENSION), "utf-8");
const messages = (/** @type {string} */ code) => JSON.parse(read(`_locales/${code}/messages.json`));
const files = readdirSync(EXTENSION, { recursive: true, encoding: "utf-8" });
const sources = files.filter((name) => /\.(js|html|json)$/.test(name) && !name.startsWith("_locales")).map(read).join("\n");

test("every language has every message, with the same places for values", () => {
  const places = (/** @type {string} */ text) => (text.match(/\$\d/g) ?? []).sort().join();
  const english = messages("en");
  for (const code of readdirSync(new URL("_locales/", EXTENSION))) {
    const theirs = messages(code);
    assert.deepEqual(Object.keys(theirs).sort(), Object.keys(english).sort(), code);
    for (const [key, { message }] of Object.entries(english)) {
      assert.equal(places(theirs[key].message), places(message), `${code}: ${key}`);
    }
  }
});

test("every key that is asked for is there", () => {
  const known = new Set(Object.keys(messages("en")));
  const asked = [
    ...sources.matchAll(/\bt\("([a-z0-9_]+)"/g), ...sources.matchAll(/data-i18n(?:-[a-z]+)?="([a-z0-9_]+)"/g),
    ...sources.matchAll(/__MSG_([a-z0-9_]+)__/g), ...sources.matchAll(/"((?:state|remedy|source|tried)_[a-z0-9_]+)"/g),
  ].map(([, key]) => /** @type {string} */ (key));
  const counted = [...sources.matchAll(/\btn\("([a-z0-9_]+)"/g)].flatMap(([, key]) => [`${key}_one`, `${key}_many`]);
  for (const key of [...asked, ...counted]) assert.ok(known.has(key), key);
});

test("no key is left that nobody asks for", () => {
  const made = /^(col|job|kind|scope|stage|never_kind|refine|remedy|step|variant)_|_(one|many)$/;
  for (const key of Object.keys(messages("en"))) {
    assert.ok(made.test(key) || sources.includes(`"${key}"`) || sources.includes(`MSG_${key}_`) || sources.includes(`>${key}<`), key);
  }
});
