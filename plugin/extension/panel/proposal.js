/** A draft beside what stands in the editor: which sentences come, go and change, and what shaped each. */

import { steps, wordSteps } from "../diff.js";
import { h } from "../dom.js";
import { t } from "../i18n.js";

/** @typedef {import("../diff.js").Step} Step */

export class Proposal {
  /** @type {Step[]} */ steps = [];
  /** @type {Set<number>} */ left = new Set(); // steps that are not to be taken
  /** @type {Ownhand.DraftCompleted | null} */ completed = null;
  text = "";

  /**
   * @param {string} name  its heading, where there are several
   * @param {(text: string, ids: string[]) => void} explain
   */
  constructor(name, explain) {
    this.name = name;
    this.explain = explain;
    this.words = h("div", { dir: "auto" });
    this.node = h("article", { class: "draft", "aria-label": name || t("proposal_title"), tabIndex: 0 }, this.words);
  }

  /** @param {string} text  a piece of the draft as it is written */
  add(text) {
    this.text += text;
    const last = this.words.lastChild;
    if (last?.nodeType === Node.TEXT_NODE) /** @type {Text} */ (last).appendData(text);
    else this.words.append(text);
  }

  /**
   * @param {Ownhand.DraftCompleted} completed
   * @param {string} own  what stands in the editor
   */
  complete(completed, own) {
    this.completed = completed;
    this.text = completed.text;
    this.left = new Set();
    this.compare(own);
  }

  /** @param {string} own */
  compare(own) {
    if (!this.completed) return;
    this.steps = steps(own.trimEnd(), this.completed.sentences);
    this.words.replaceChildren(...this.steps.map((step, index) => this.#step(step, index)));
  }

  /** @param {Step} step @param {number} index */
  #step(step, index) {
    const node = h("span", { class: "step", ...this.#control(step) }, ...words(step));
    const tell = () => this.explain(...this.#told(step));
    node.addEventListener("mouseenter", tell);
    node.addEventListener("focus", tell);
    if (step.kind !== "same") {
      const turn = () => {
        if (!this.left.delete(index)) this.left.add(index);
        node.classList.toggle("left", this.left.has(index));
        node.setAttribute("aria-checked", String(!this.left.has(index)));
      };
      node.addEventListener("click", turn);
      node.addEventListener("keydown", (event) => {
        if (event.key === " " || event.key === "Enter") turn(), event.preventDefault();
      });
    }
    return node;
  }

  /** @param {Step} step */
  #control(step) {
    if (step.kind === "same") return { tabIndex: 0, role: "note" };
    const label = `${t(`step_${step.kind}`)}: ${(step.piece?.text ?? step.own).trim()}`;
    return { tabIndex: 0, role: "checkbox", "aria-checked": "true", "aria-label": label };
  }

  /** What is said of a sentence, and the rules that shaped it. @param {Step} step @returns {[string, string[]]} */
  #told(step) {
    const ids = step.piece?.rule_ids ?? [];
    const said = step.piece?.unsupported ? [t("unsupported")] : [];
    if (step.kind === "drop") said.push(t("step_drop"));
    return [said.join(" "), ids];
  }
}

/** @param {Step} step @returns {(Node | string)[]} */
function words(step) {
  const text = step.piece?.text ?? step.own;
  const marked = (/** @type {Node | string} */ inner) =>
    step.piece?.unsupported ? h("span", { class: "unsupported" }, inner) : inner;
  switch (step.kind) {
    case "put":
      return [h("ins", {}, marked(text))];
    case "drop":
      return [h("del", {}, text, /\s$/.test(text) ? "" : "\n")];
    case "change":
      return wordSteps(step.own, text).map(({ kind, text: part }) =>
        kind === "same" ? marked(part) : kind === "put" ? h("ins", {}, marked(part)) : h("del", {}, part));
    default:
      return [text];
  }
}
