/** The rules for this mail: each with its receipts, to be left out, muted, reworded or pinned. */

import { h } from "../dom.js";
import { t } from "../i18n.js";

/**
 * @typedef {Ownhand.Rule} Rule
 * @typedef {{toggle(rule: Rule, used: boolean): void, update(rule: Rule, change: Partial<Ownhand.UpdateRuleRequest>): Promise<void>,
 *   tryOut(rule: Rule, text: string): Promise<Ownhand.TryRuleResponse | undefined>}} Doing
 */

/** "in 14 of 16 mails to Bob" @param {Rule} rule */
export function receipts(rule) {
  const n = rule.support + rule.against;
  if (rule.origin === "RULE_ORIGIN_PERSON" && !n) return t("receipts_own");
  return n ? t("receipts", rule.support, n, scope(rule.scope)) : t("receipts_foreseen");
}

const KINDS = ["colleague", "personal", "business", "group"];

/** @param {string} name */
const scope = (name) => (!name || name === "everyone" ? t("scope_everyone")
  : t("scope_to", KINDS.includes(name) ? t(`scope_${name}`) : name));

/**
 * @param {HTMLElement} list
 * @param {Rule[]} rules
 * @param {Set<string>} without  texts of rules that are left out of this mail
 * @param {Doing} doing
 */
export function showRules(list, rules, without, doing) {
  list.setAttribute("aria-busy", "false");
  list.replaceChildren(...rules.map((rule) => item(rule, without, doing)));
  if (!rules.length) list.append(h("li", { class: "waiting" }, t("rules_none")));
}

/** @param {Rule} rule @param {Set<string>} without @param {Doing} doing */
function item(rule, without, doing) {
  const more = h("div", { class: "more", id: `more-${rule.id}`, hidden: true });
  const used = h("input", {
    type: "checkbox",
    checked: !without.has(rule.text),
    onchange: () => {
      row.classList.toggle("off", !used.checked);
      doing.toggle(rule, used.checked);
    },
  });
  const why = h("button", {
    type: "button", class: "quiet", "aria-expanded": "false", "aria-controls": more.id,
    onclick: () => {
      more.hidden = !more.hidden;
      why.setAttribute("aria-expanded", String(!more.hidden));
    },
  }, t("why"), h("span", { class: "hidden" }, `: ${rule.text}`));
  more.append(h("p", {}, receipts(rule)), actions(rule, doing));
  const label = h("label", {}, used, " ", rule.text, rule.pinned && h("span", { class: "note" }, ` (${t("pinned")})`));
  const row = h("li", { "data-rule": rule.id, class: used.checked ? "" : "off" },
    h("div", { class: "line" }, label, why), more);
  return row;
}

/** @param {Rule} rule @param {Doing} doing */
function actions(rule, doing) {
  const act = (/** @type {string} */ key, /** @type {Partial<Ownhand.UpdateRuleRequest>} */ change) =>
    h("button", { type: "button", class: "quiet", onclick: () => doing.update(rule, change) }, t(key));
  const effect = h("p", { role: "status", class: "note" });
  const words = h("input", { type: "text", value: rule.text, "aria-label": t("reword_label"), dir: "auto" });
  const form = h("form", {
    class: "row", hidden: true,
    onsubmit: (/** @type {Event} */ event) => {
      event.preventDefault();
      void doing.update(rule, { text: words.value.trim() });
    },
  }, words,
  h("button", { type: "button", onclick: async () => {
    const told = await doing.tryOut(rule, words.value.trim());
    effect.textContent = told ? trial(told) : "";
  } }, t("reword_try")),
  h("button", { type: "submit" }, t("reword_save")), effect);
  const reword = h("button", {
    type: "button", class: "quiet",
    onclick: () => {
      form.hidden = !form.hidden;
      if (!form.hidden) words.select();
    },
  }, t("reword"));
  return h("div", {}, h("div", { class: "row" },
    act("mute", { muted: true }),
    reword,
    rule.pinned ? act("unpin", { pinned: false }) : act("pin", { pinned: true })), form);
}

/** What a new wording does on the newest mails. @param {Ownhand.TryRuleResponse} told */
export function trial(told) {
  if (!told.measurable) return t("tried_unmeasured");
  const held = t("tried_held", told.n_holds, told.n_mails, told.n_held_before, told.n_mails);
  if (!told.n_drafts) return held;
  const [now, before] = [told.distance, told.distance_before].map((distance) => distance.toFixed(3));
  const better = now === before ? "tried_same" : told.distance < told.distance_before ? "tried_nearer" : "tried_farther";
  return `${held} ${t(better, now ?? "", before ?? "")}`;
}
