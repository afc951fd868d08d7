/** The panel of one compose window: rules, notes, drafts. Knows neither the transport nor the editor's insides. */

import { PROTOCOL, Failure, pageLink } from "../daemon.js";
import { edits } from "../diff.js";
import { by, h } from "../dom.js";
import { localise, t } from "../i18n.js";
import { accountOf, letterOf } from "../letter.js";
import { mismatch } from "../states.js";
import { listed } from "../switches.js";
import { tried } from "../told.js";
import { Proposal } from "./proposal.js";
import { showRules } from "./rules.js";

const daemon = pageLink();
const RETRIES = 2; // of a draft whose connection broke

/** @type {import("../letter.js").Letter} */ let letter;
/** @type {Ownhand.Account | undefined} */ let account;
/** @type {Ownhand.RulesProposed} */ let proposed;
/** @type {Set<string>} */ const without = new Set();
/** @type {Proposal[]} */ let proposals = [];
/** @type {Proposal | undefined} */ let chosen;
/** @type {AbortController | undefined} */ let writing;
let tabId = 0;

/** @param {string} to @param {object} [what] */
const editor = (to, what = {}) => browser.tabs.sendMessage(tabId, { to: `editor.${to}`, ...what });
/** @param {object} what */
const remember = (what) => editor("remember", { what }).catch(() => {});

async function open() {
  localise(document);
  const [tab] = await browser.tabs.query({ active: true, currentWindow: true });
  tabId = tab?.id ?? 0;
  const [kept, now] = await Promise.all([editor("recall").catch(() => ({})), letterOf(tabId)]);
  letter = now;
  by("notes").value = kept.notes ?? "";
  for (const text of kept.without ?? []) without.add(text);
  listen();
  if (kept.key === letter.key && kept.proposed) {
    account = kept.account;
    showProposed(kept.proposed);
  } else {
    await tried(daemon, askRules);
  }
  if (kept.drafts?.length) await showKept(kept.drafts);
  by("notes").focus();
  document.documentElement.dataset.ready = "true";
}

// --- rules -----------------------------------------------------------------------------------------

async function paired() {
  if ((await listed("off")).includes(letter.accountId)) throw new Failure({ reason: "OFF", message: "" });
  const hello = await daemon.call("Host/Hello");
  const reason = mismatch(hello.protocol, PROTOCOL);
  if (reason) throw new Failure({ reason, message: "" });
  const { accounts } = await daemon.call("AccountService/ListAccounts");
  account = accountOf(accounts, letter.from);
  if (!account) throw new Failure({ reason: "NOT_PAIRED", message: "" });
  return account;
}

function request() {
  const { to, subject, context, reply } = letter;
  return { account: account?.name ?? "", to, subject, context, reply, without_rules: [...without] };
}

async function askRules() {
  await paired();
  for await (const event of daemon.stream("DraftService/ComposeDraft", { ...request(), rules_only: true, without_rules: [] })) {
    if (event.rules_proposed) showProposed(event.rules_proposed);
  }
  await remember({ proposed, key: letter.key, account });
}

/** @param {Ownhand.RulesProposed} found */
function showProposed(found) {
  proposed = found;
  const kind = found.source === "RULES_SOURCE_AGENT" ? "source_agent" : "source_profile";
  by("source").textContent = t(kind);
  showRules(by("rules"), found.rules, without, { toggle, update, tryOut });
}

/** @param {Ownhand.Rule} rule @param {boolean} used */
function toggle(rule, used) {
  if (used) without.delete(rule.text);
  else without.add(rule.text);
  void remember({ without: [...without] });
}

/** @param {Ownhand.Rule} rule @param {Partial<Ownhand.UpdateRuleRequest>} change */
async function update(rule, change) {
  await tried(daemon, async () => {
    await daemon.call("RuleService/UpdateRule", { rule_id: rule.id, ...change });
    await askRules();
  });
}

/** @param {Ownhand.Rule} rule @param {string} text */
const tryOut = (rule, text) => tried(daemon, () => daemon.call("RuleService/TryRule", { rule_id: rule.id, text }));

// --- drafts ----------------------------------------------------------------------------------------

/** @param {string} refine */
const again = (refine) => write([{ name: "", refine, previous: chosen?.text ?? "" }]);

function several() {
  const plain = { name: t("variant_plain"), refine: "", previous: "" };
  const others = ["shorter", "warmer"].map((word) => ({ name: t(`refine_${word}`), refine: word, previous: "" }));
  return write([plain, ...others]);
}

/** @param {{name: string, refine: string, previous: string}[]} variants */
async function write(variants) {
  if (!by("notes").value.trim()) {
    by("notes").focus();
    by("taken").textContent = "";
    return;
  }
  writing?.abort();
  const mine = (writing = new AbortController());
  proposals = variants.map(({ name }) => new Proposal(name, explain));
  layOut();
  by("stop").hidden = false;
  await tried(daemon, async () => {
    if (!account) await paired();
    const first = await stream(/** @type {Proposal} */ (proposals[0]), variants[0], mine.signal);
    // The others are set against the first: "shorter" than what?
    await Promise.all(proposals.slice(1).map((one, index) =>
      stream(one, { ...variants[index + 1], previous: first }, mine.signal)));
    await remember({ drafts: proposals.map(({ name, completed }) => ({ name, completed })) });
  });
  if (writing === mine) by("stop").hidden = true;
}

/**
 * One draft, begun anew when the connection breaks: nothing is half there.
 * @param {Proposal} proposal
 * @param {any} variant
 * @param {AbortSignal} signal
 */
async function stream(proposal, { refine, previous }, signal) {
  for (let broken = 0; ; broken++) {
    proposal.words.replaceChildren();
    proposal.text = "";
    try {
      const asked = { ...request(), notes: by("notes").value, refine, previous };
      for await (const event of daemon.stream("DraftService/ComposeDraft", asked, signal)) {
        if (event.rules_proposed && !refine) showProposed(withLeftOut(event.rules_proposed));
        if (event.text_delta) proposal.add(event.text_delta.text);
        if (event.draft_completed) await completed(proposal, event.draft_completed);
      }
      return proposal.text;
    } catch (error) {
      if (!(error instanceof Failure) || error.reason !== "DISCONNECTED" || broken === RETRIES) throw error;
    }
  }
}

/** Rules left out of the draft stay on the list, switched off. @param {Ownhand.RulesProposed} found */
function withLeftOut(found) {
  const gone = (proposed?.rules ?? []).filter((rule) => without.has(rule.text));
  return { ...found, rules: [...found.rules, ...gone] };
}

/** @param {Proposal} proposal @param {Ownhand.DraftCompleted} draft */
async function completed(proposal, draft) {
  proposal.complete(draft, (await editor("read")).text);
  if (draft.unmet.length) explain(t("unmet", draft.unmet.join(" ")), []);
  for (const id of ["taking", "refining"]) by(id).hidden = false;
}

/** @param {{name: string, completed: Ownhand.DraftCompleted}[]} kept */
async function showKept(kept) {
  proposals = kept.filter((one) => one.completed).map(({ name }) => new Proposal(name, explain));
  if (!proposals.length) return;
  layOut();
  for (const [index, { completed: draft }] of kept.filter((one) => one.completed).entries()) {
    await completed(/** @type {Proposal} */ (proposals[index]), draft);
  }
}

function layOut() {
  const many = proposals.length > 1;
  document.documentElement.classList.toggle("many", many);
  document.documentElement.classList.add("drafted");
  by("proposal").hidden = false;
  by("taking").hidden = true;
  by("taken").textContent = "";
  by("shaped").textContent = "";
  by("drafts").replaceChildren(...proposals.map((one) => one.node));
  choose(proposals[0]);
  if (!many) return;
  for (const one of proposals) {
    one.node.addEventListener("click", () => choose(one));
    one.node.addEventListener("focusin", () => choose(one));
    one.node.prepend(h("h3", {}, one.name));
  }
}

/** @param {Proposal | undefined} one */
function choose(one) {
  chosen = one;
  for (const other of proposals) other.node.classList.toggle("chosen", other === one);
}

/** Which rules shaped a sentence. @param {string} said @param {string[]} ids */
function explain(said, ids) {
  const rules = proposed.rules.filter((rule) => ids.includes(rule.id));
  const told = rules.length ? t("shaped_by", rules.map((rule) => rule.text).join(" ")) : t("shaped_by_all");
  by("shaped").textContent = [said, told].filter(Boolean).join(" ");
  for (const row of by("rules").children) row.classList.toggle("lit", ids.includes(row.dataset.rule));
}

// --- taking ----------------------------------------------------------------------------------------

/** @param {boolean} all */
async function take(all) {
  if (!chosen?.completed) return;
  const one = chosen;
  const own = (await editor("read")).text.trimEnd();
  one.compare(own);
  const { done } = await editor("write", { edits: edits(own, one.steps, (_, index) => all || !one.left.has(index)) });
  if (!done) return;
  await remember({ taken: one.completed?.draft_id });
  by("taken").textContent = t("taken");
  one.compare((await editor("read")).text);
}

async function discard() {
  const gone = proposals.flatMap(({ completed: draft }) => (draft ? [draft.draft_id] : []));
  const { taken } = await editor("recall");
  proposals = [];
  chosen = undefined;
  by("proposal").hidden = true;
  document.documentElement.classList.remove("many", "drafted");
  await remember({ drafts: [] });
  await tried(daemon, async () => {
    for (const id of gone.filter((one) => one !== taken)) {
      await daemon.call("DraftService/RecordOutcome", { draft_id: id, kind: "OUTCOME_KIND_DISCARDED" });
    }
  });
}

// --- the page --------------------------------------------------------------------------------------

function listen() {
  by("asked").onsubmit = (/** @type {Event} */ event) => {
    event.preventDefault();
    void write([{ name: "", refine: "", previous: "" }]);
  };
  by("notes").oninput = () => remember({ notes: by("notes").value });
  by("notes").onkeydown = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) by("asked").requestSubmit();
  };
  by("several").onclick = several;
  by("stop").onclick = () => writing?.abort();
  by("take").onclick = () => take(true);
  by("take-some").onclick = () => take(false);
  by("discard").onclick = discard;
  by("about").onclick = () => browser.tabs.create({ url: "/about/about.html" });
  by("refining").onsubmit = (/** @type {Event} */ event) => {
    event.preventDefault();
    if (by("refine").value.trim()) void again(by("refine").value);
  };
  for (const button of document.querySelectorAll("[data-refine]")) {
    button.addEventListener("click", () => again(/** @type {HTMLElement} */ (button).dataset.refine?.slice("refine_".length) ?? ""));
  }
}

await open();
