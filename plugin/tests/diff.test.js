import assert from "node:assert/strict";
import { test } from "node:test";

import { applied, edits, likeness, sentences, steps, wordSteps } from "../extension/diff.js";

const piece = (/** @type {string} */ text) => ({ text, rule_ids: [], unsupported: false });
const DRAFT = ["Hi Bob,\n\n", "The contract is done. ", "Legal can have it tomorrow.\n\n", "Cheers,\nAnna"].map(piece);
const WHOLE = DRAFT.map((one) => one.text).join("");

test("sentences make the text again", () => {
  for (const text of ["", "One. Two!\n\nThree", "a\nb", "Dr. Bob came. He left.\n", "  \n x"]) {
    assert.equal(sentences(text).join(""), text);
  }
});

test("likeness is shared words", () => {
  assert.equal(likeness("The contract is done.", "the CONTRACT is done"), 1);
  assert.equal(likeness("yes", "no"), 0);
  assert.equal(likeness("--", "--"), 1);
  assert.equal(likeness("a b", "b c"), 1 / 3);
});

test("all steps taken are the draft, whatever stood there", () => {
  for (const own of ["", "x", "The contract is done.", "Hi Bob,\n\nLegal has it already. Bye", WHOLE, `${WHOLE} More.`]) {
    assert.equal(applied(own, edits(own, steps(own, DRAFT), () => true)), WHOLE, own);
  }
});

test("no step taken leaves what stood there", () => {
  for (const own of ["", "x", "The contract is done.", "Hi Bob,\n\nLegal has it already. Bye"]) {
    assert.equal(applied(own, edits(own, steps(own, DRAFT), () => false)), own);
  }
});

test("what is alike is changed, what is not goes or comes", () => {
  const kinds = steps("Hello Eva,\n\nThe contract is nearly done.", DRAFT).map(({ kind }) => kind);
  assert.deepEqual(kinds, ["put", "drop", "change", "put", "put"]);
});

test("one sentence is taken into others", () => {
  const own = "The contract is nearly done. I am away on Monday.";
  const all = steps(own, DRAFT);
  const only = (/** @type {string} */ word) => edits(own, all, (step) => Boolean(step.piece?.text.includes(word)));
  assert.equal(applied(own, only("contract")), "The contract is done. I am away on Monday.");
  assert.match(applied(own, only("Legal")), /^The contract is nearly done\. Legal can have it tomorrow\.\s+I am away/);
  assert.match(applied(own, only("Anna")), /I am away on Monday\.\s+Cheers,\nAnna$/);
});

test("words that change are told", () => {
  assert.deepEqual(wordSteps("a b c", "a x c"), [
    { kind: "same", text: "a " }, { kind: "drop", text: "b" }, { kind: "put", text: "x" }, { kind: "same", text: " c" },
  ]);
  assert.deepEqual(wordSteps("", "a"), [{ kind: "put", text: "a" }]);
});
