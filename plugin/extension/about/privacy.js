/** What left the machine, who may have it, who is never learned from, and what is to be forgotten. */

import { h } from "../dom.js";
import { moment, t, tn } from "../i18n.js";

/** @typedef {import("./about.js").About} About */

/** @param {About} about */
export async function showPrivacy(about) {
  const status = await about.daemon.call("DaemonService/GetStatus");
  about.page.append(...[ledger, consent, never, forget, erase].map((part) => part(about, status)));
}

/** @param {About} about @param {Ownhand.GetStatusResponse} status */
function ledger({ daemon, tried }, status) {
  const body = h("tbody");
  const sum = h("p", { id: "left" });
  const table = h("table", { hidden: true }, h("caption", {}, t("ledger_caption")),
    h("thead", {}, h("tr", {}, ...["time", "destination", "template", "bytes", "cost"].map((key) =>
      h("th", { scope: "col" }, t(`col_${key}`))))), body);
  void tried(async () => {
    const { entries, cost_usd: cost } = await daemon.call("PrivacyService/ListEgress", { page_size: 100 });
    sum.textContent = entries.length ? tn("left_some", entries.length) : t("left_nothing");
    if (cost) sum.append(` ${t("left_cost", cost.toLocaleString(undefined, { style: "currency", currency: "USD" }))}`);
    table.hidden = !entries.length;
    body.replaceChildren(...entries.map((entry) => h("tr", {},
      h("td", {}, moment(entry.time)), h("td", {}, entry.destination), h("td", {}, entry.template),
      h("td", { class: "number" }, Number(entry.n_bytes).toLocaleString()),
      h("td", { class: "number" }, entry.cost_usd ? entry.cost_usd.toFixed(4) : "–"))));
  });
  return h("section", {}, h("h2", {}, t("ledger_title")), sum,
    h("p", { class: "note" }, t("model_in_use", status.model, where(status.destination))), table);
}

/** @param {string} destination */
const where = (destination) => (destination === "nowhere" ? t("nowhere") : destination);

/** @param {About} about @param {Ownhand.GetStatusResponse} status */
function consent({ daemon, account, tried, again }, { destination }) {
  const section = h("section", {}, h("h2", {}, t("consent_title")));
  if (destination === "nowhere") {
    section.append(h("p", {}, t("consent_none")));
    return section;
  }
  const set = (/** @type {boolean} */ yes, plan_id = "") => tried(async () => {
    await daemon.call("PrivacyService/SetPolicy", { destination, consent: yes, plan_id });
    again();
  });
  void tried(async () => {
    const plan = await daemon.call("LearningService/PlanLearning", { account });
    section.append(
      h("p", {}, t(plan.consent_needed ? "consent_asked" : "consent_given", destination)),
      ...plan.samples.map((sample) => h("pre", { class: "card", style: "white-space: pre-wrap" }, sample)),
      h("button", { type: "button", id: "consent", onclick: () => set(plan.consent_needed, plan.plan_id) },
        t(plan.consent_needed ? "consent_give" : "consent_take", destination)));
  });
  return section;
}

/** @param {About} about */
function never({ daemon, tried }) {
  const list = h("ul", { id: "never-list" });
  const what = h("input", { type: "text", id: "never-what", placeholder: t("never_hint") });
  const done = h("p", { role: "status", class: "note" });
  /** @param {Ownhand.NeverEntry} entry */
  const remove = (entry) => tried(async () => {
    await daemon.call("PrivacyService/RemoveNever", { entry });
    await show();
  });
  async function show() {
    const { entries } = await daemon.call("PrivacyService/ListNever");
    list.replaceChildren(...entries.map((entry) => h("li", {}, `${t(entry.kind.toLowerCase())}: ${entry.what} `,
      h("button", { type: "button", class: "quiet", "aria-label": `${t("never_remove")}: ${entry.what}`, onclick: () => remove(entry) },
        t("never_remove")))));
  }
  const form = h("form", { id: "add-never", class: "form", onsubmit: (/** @type {Event} */ event) => {
    event.preventDefault();
    const said = what.value.trim();
    if (!said) return;
    void tried(async () => {
      const entry = { kind: kindOf(said), what: said.replace(/^@/, "") };
      const gone = await daemon.call("PrivacyService/AddNever", { entry });
      done.textContent = tn("forgotten", gone.n_originals);
      what.value = "";
      await show();
    });
  } }, h("label", {}, t("never_label"), h("div", { class: "row" }, what, h("button", { type: "submit" }, t("never_add")))));
  void tried(show);
  return h("section", {}, h("h2", {}, t("never_title")), h("p", { class: "note" }, t("never_intro")), list, form, done);
}

/** @param {string} what @returns {Ownhand.NeverKind} */
const kindOf = (what) => (/^[^@\s]+@[^@\s]+$/.test(what) ? "NEVER_KIND_PERSON"
  : /^@?[^@\s/]+\.[^@\s/]+$/.test(what) ? "NEVER_KIND_DOMAIN" : "NEVER_KIND_FOLDER");

/** @param {About} about */
function forget({ daemon, account, tried }) {
  const what = h("input", { type: "text", id: "forget-what", placeholder: t("forget_hint") });
  const done = h("p", { role: "status", class: "note", id: "forgotten" });
  const form = h("form", { id: "forget", class: "form", onsubmit: (/** @type {Event} */ event) => {
    event.preventDefault();
    const said = what.value.trim();
    if (!said) return;
    void tried(async () => {
      // A Message-ID stands in angle brackets; without them it may look like an address.
      const asked = /^<.+>$/.test(said) ? { message_id: said } : { address: said };
      const gone = await daemon.call("PrivacyService/Forget", { account, ...asked });
      done.textContent = `${tn("forgotten", gone.n_originals)} ${gone.n_agents ? tn("agents_gone", gone.n_agents) : ""}`;
      what.value = "";
    });
  } }, h("label", {}, t("forget_label"), h("div", { class: "row" }, what, h("button", { type: "submit" }, t("forget")))));
  return h("section", {}, h("h2", {}, t("forget_title")), form, done);
}

/** @param {About} about */
function erase({ daemon, tried, again }) {
  const word = t("erase_word");
  const typed = h("input", { type: "text", id: "erase-word", autocomplete: "off" });
  const button = h("button", { type: "submit", disabled: true }, t("erase"));
  typed.oninput = () => (button.disabled = typed.value.trim() !== word);
  const form = h("form", { id: "erase", class: "form", onsubmit: (/** @type {Event} */ event) => {
    event.preventDefault();
    if (typed.value.trim() !== word) return;
    void tried(async () => {
      const { token } = await daemon.call("PrivacyService/EraseData");
      await daemon.call("PrivacyService/EraseData", { token });
      again();
    });
  } }, h("label", {}, t("erase_label", word), h("div", { class: "row" }, typed, button)));
  return h("section", { class: "danger" }, h("h2", {}, t("erase_title")), h("p", {}, t("erase_intro")), form);
}
