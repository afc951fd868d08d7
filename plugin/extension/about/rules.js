/** The rules by kind of recipient and language, with receipts and trends. */

import { h, svg } from "../dom.js";
import { percent, t } from "../i18n.js";
import { receipts } from "../panel/rules.js";

/** @typedef {import("./about.js").About} About */

/** @param {About} about */
export async function showRules({ daemon, account, page, tried }) {
  const corpus = await daemon.call("LearningService/GetCorpus", { account });
  const every = { value: "", text: t("any") };
  const kinds = [every, ...choices(corpus.n_by_recipient_kind, (kind) => t(`kind_${kind}`))];
  const names = new Intl.DisplayNames(undefined, { type: "language" });
  const languages = [every, ...choices(corpus.n_by_language, (code) => names.of(code) ?? code)];
  const kind = select("kind", kinds);
  const language = select("language", languages);
  const muted = h("input", { type: "checkbox", id: "with-muted" });
  const body = h("tbody");
  const none = h("p", { class: "note", hidden: true }, t("rules_none_yet"));
  page.append(
    h("p", {}, t("rules_intro", corpus.n_originals.toLocaleString())),
    h("div", { class: "row" },
      h("label", { for: "kind" }, t("to_kind")), kind,
      h("label", { for: "language" }, t("in_language")), language,
      h("label", {}, muted, " ", t("with_muted"))),
    h("table", {}, h("caption", { class: "hidden" }, t("nav_rules")),
      h("thead", {}, h("tr", {}, ...["rule", "receipts_head", "trend", "actions"].map((key) =>
        h("th", { scope: "col" }, t(`col_${key}`))))), body),
    none);

  const refresh = () => tried(async () => {
    // Rules are told for a kind in a language: one chosen alone takes the other's most frequent.
    const pair = kind.value || language.value
      ? { recipient_kind: kind.value || kinds[1]?.value, language: language.value || languages[1]?.value } : {};
    const { rules } = await daemon.call("RuleService/ListRules", { account, ...pair });
    const listed = rules.filter((rule) => muted.checked || !rule.muted);
    body.replaceChildren(...listed.map((rule) => row(rule, change)));
    none.hidden = listed.length > 0;
  });
  /** @param {Ownhand.Rule} rule @param {Partial<Ownhand.UpdateRuleRequest> | null} how */
  const change = (rule, how) => tried(async () => {
    if (how) await daemon.call("RuleService/UpdateRule", { rule_id: rule.id, ...how });
    else await daemon.call("RuleService/DeleteRule", { rule_id: rule.id });
    await refresh();
  });
  for (const control of [kind, language, muted]) control.onchange = refresh;
  await refresh();
}

/** @param {Record<string, number>} counts @param {(key: string) => string} name */
const choices = (counts, name) => Object.entries(counts).sort(([, a], [, b]) => b - a)
  .map(([value, n]) => ({ value, text: `${name(value)} (${n.toLocaleString()})` }));

/** @param {string} id @param {{value: string, text: string}[]} options */
const select = (id, options) => h("select", { id }, ...options.map(({ value, text }) => h("option", { value }, text)));

/**
 * @param {Ownhand.Rule} rule
 * @param {(rule: Ownhand.Rule, how: Partial<Ownhand.UpdateRuleRequest> | null) => void} change
 */
function row(rule, change) {
  const button = (/** @type {string} */ key, /** @type {Partial<Ownhand.UpdateRuleRequest> | null} */ how) =>
    h("button", { type: "button", class: "quiet", "aria-label": `${t(key)}: ${rule.text}`, onclick: () => change(rule, how) }, t(key));
  return h("tr", { "data-rule": rule.id },
    h("td", {}, rule.text, rule.pinned && h("span", { class: "note" }, ` (${t("pinned")})`),
      rule.muted && h("span", { class: "note" }, ` (${t("muted")})`)),
    h("td", {}, receipts(rule)),
    h("td", {}, rule.trend.length > 1 ? trend(rule.trend) : h("span", { class: "note" }, t("trend_none"))),
    h("td", {}, h("div", { class: "row" },
      button(rule.pinned ? "unpin" : "pin", { pinned: !rule.pinned }),
      button(rule.muted ? "unmute" : "mute", { muted: !rule.muted }),
      button("delete", null))));
}

/** @param {number[]} shares  oldest first */
export function trend(shares) {
  const points = shares.map((share, index) => `${(index * 60) / (shares.length - 1) + 2},${18 - share * 16}`).join(" ");
  const said = t("trend_label", percent(shares[0] ?? 0), percent(shares.at(-1) ?? 0));
  return svg("svg", { class: "trend", viewBox: "0 0 64 20", role: "img", "aria-label": said },
    svg("polyline", { points }));
}
