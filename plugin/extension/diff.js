/** What stands in the editor beside a draft, sentence by sentence. Pure. */

/**
 * @typedef {{text: string, rule_ids: string[], unsupported: boolean}} Piece  of the draft, white space included
 * @typedef {{kind: "same" | "put" | "drop" | "change", start: number, end: number, own: string, piece: Piece | null}} Step
 *   one sentence of the draft or of the person's; `start` and `end` say where in the person's text
 * @typedef {{start: number, end: number, text: string}} Edit
 */

/** @param {string} text @returns {string[]} sentences with the white space after them */
export function sentences(text) {
  const segmenter = new Intl.Segmenter(undefined, { granularity: "sentence" });
  const lines = [...segmenter.segment(text)].flatMap(({ segment }) => segment.match(/[^\n]*\n+|[^\n]+/g) ?? []);
  return lines.reduce((/** @type {string[]} */ found, line) => {
    if (found.length && !line.trim()) found.push(found.pop() + line);
    else found.push(line);
    return found;
  }, []);
}

const words = (/** @type {string} */ text) => text.toLowerCase().match(/[\p{L}\p{N}'’]+/gu) ?? [];

/** How alike two sentences are, 0 to 1: words in both among all words. @param {string} a @param {string} b */
export function likeness(a, b) {
  const [ours, theirs] = [new Set(words(a)), new Set(words(b))];
  if (!ours.size && !theirs.size) return a.trim() === b.trim() ? 1 : 0;
  const both = [...ours].filter((word) => theirs.has(word)).length;
  return both / (ours.size + theirs.size - both);
}

const ALIKE = 0.25; // sentences that share less are others

/**
 * The steps from the person's words to the draft.
 * @param {string} own
 * @param {Piece[]} pieces
 * @returns {Step[]}
 */
export function steps(own, pieces) {
  const mine = sentences(own);
  const at = mine.reduce((ends, one) => [...ends, /** @type {number} */ (ends.at(-1)) + one.length], [0]);
  const pairs = aligned(mine, pieces.map((piece) => piece.text));
  return pairs.map(([i, j]) => {
    const piece = j === null ? null : /** @type {Piece} */ (pieces[j]);
    if (i.own === null) return { kind: "put", start: at[i.before] ?? 0, end: at[i.before] ?? 0, own: "", piece };
    const text = mine[i.own] ?? "";
    const place = { start: at[i.own] ?? 0, end: at[i.own + 1] ?? 0, own: text, piece };
    if (!piece) return { kind: "drop", ...place };
    return { kind: text.trim() === piece.text.trim() ? "same" : "change", ...place };
  });
}

/**
 * Pairs what is alike, in order, for the greatest sum of likeness.
 * @param {string[]} mine
 * @param {string[]} theirs
 * @returns {[{own: number | null, before: number}, number | null][]}
 */
function aligned(mine, theirs) {
  const [n, m] = [mine.length, theirs.length];
  const alike = mine.map((a) => theirs.map((b) => likeness(a, b)));
  const best = Array.from({ length: n + 1 }, () => new Float64Array(m + 1));
  const value = (/** @type {number} */ i, /** @type {number} */ j) => {
    const found = alike[i]?.[j] ?? 0;
    return found >= ALIKE ? found : -1;
  };
  const sum = (/** @type {number} */ i, /** @type {number} */ j) => /** @type {Float64Array} */ (best[i])[j] ?? 0;
  for (let i = n - 1; i >= 0; i--) {
    for (let j = m - 1; j >= 0; j--) {
      /** @type {Float64Array} */ (best[i])[j] =
        Math.max(sum(i + 1, j), sum(i, j + 1), value(i, j) + sum(i + 1, j + 1));
    }
  }
  /** @type {ReturnType<typeof aligned>} */ const pairs = [];
  let [i, j] = [0, 0];
  while (i < n || j < m) {
    if (i < n && j < m && value(i, j) > 0 && sum(i, j) === value(i, j) + sum(i + 1, j + 1)) {
      pairs.push([{ own: i, before: i }, j]);
      i++, j++;
    } else {
      // What comes stands before what goes, right after the sentence it follows; but a draft's end is the end.
      const comes = j < m && sum(i, j) === sum(i, j + 1);
      const goes = i < n && sum(i, j) === sum(i + 1, j);
      if (comes && !(goes && j === m - 1)) pairs.push([{ own: null, before: i }, j++]);
      else pairs.push([{ own: i, before: i++ }, null]);
    }
  }
  return pairs;
}

/**
 * The edits of the chosen steps, in order. All of them make the draft, letter for letter.
 * @param {string} own
 * @param {Step[]} all
 * @param {(step: Step, index: number) => boolean} chosen
 * @returns {Edit[]}
 */
export function edits(own, all, chosen) {
  const taken = all.map((step, index) => step.kind === "same" || chosen(step, index));
  if (taken.every(Boolean)) {
    return [{ start: 0, end: own.length, text: all.map((step) => step.piece?.text ?? "").join("") }];
  }
  /** @type {Edit[]} */ const made = [];
  let before = ""; // what stands before the place, once the edits are made
  all.forEach((step, index) => {
    if (!taken[index] || step.kind === "same") {
      before = step.own || before;
      return;
    }
    let text = step.piece?.text ?? "";
    if (step.kind === "change") text = text.trimEnd() + (/\s*$/.exec(step.own)?.[0] ?? "");
    if (step.kind === "put" && before && !/\s$/.test(before)) text = gapBefore(all, index) + text;
    if (step.kind === "put" && step.start < own.length && !/\s$/.test(text)) text += "\n\n";
    made.push({ start: step.start, end: step.end, text });
    before = text || before;
  });
  return made;
}

/** The white space that the draft has before a piece. @param {Step[]} all @param {number} index */
const gapBefore = (all, index) =>
  /\s*$/.exec(all.slice(0, index).findLast((step) => step.piece)?.piece?.text ?? "")?.[0] || "\n\n";

/**
 * Words put and taken, for showing how a sentence changes.
 * @param {string} from
 * @param {string} to
 * @returns {{kind: "same" | "put" | "drop", text: string}[]}
 */
export function wordSteps(from, to) {
  const [a, b] = [from.match(/\s+|[^\s]+/g) ?? [], to.match(/\s+|[^\s]+/g) ?? []];
  const common = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  const sum = (/** @type {number} */ i, /** @type {number} */ j) => /** @type {Uint16Array} */ (common[i])[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      /** @type {Uint16Array} */ (common[i])[j] =
        a[i] === b[j] ? sum(i + 1, j + 1) + 1 : Math.max(sum(i + 1, j), sum(i, j + 1));
    }
  }
  /** @type {ReturnType<typeof wordSteps>} */ const found = [];
  const add = (/** @type {"same" | "put" | "drop"} */ kind, /** @type {string} */ text) => {
    const last = found.at(-1);
    if (last?.kind === kind) last.text += text;
    else found.push({ kind, text });
  };
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) add("same", a[i] ?? ""), i++, j++;
    else if (j >= b.length || (i < a.length && sum(i + 1, j) >= sum(i, j + 1))) add("drop", a[i++] ?? "");
    else add("put", b[j++] ?? "");
  }
  return found;
}

/** @param {string} text @param {Edit[]} all */
export function applied(text, all) {
  return [...all].reverse().reduce((now, { start, end, text: put }) => now.slice(0, start) + put + now.slice(end), text);
}
