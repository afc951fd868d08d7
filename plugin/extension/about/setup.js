/** First run, and the off switch of each account: finds the daemon, hands accounts over, shows the plan, asks once. */

import { h } from "../dom.js";
import { size, span, t, tn } from "../i18n.js";
import { accountOf } from "../letter.js";
import { list, listed } from "../switches.js";

/** @typedef {import("./about.js").About} About */
/** @typedef {Ownhand.HostAccount} HostAccount */

/** @param {About} about */
export async function showSetup(about) {
  const [{ accounts: known }, mine, off, told] = await Promise.all([
    about.daemon.call("Host/Accounts"), browser.accounts.list(), listed("off"), listed("told"),
  ]);
  const cards = known.map((one) => card(about, one, mine.find(({ id }) => id === one.key), { off, told }));
  about.page.append(h("p", {}, t("setup_intro")), h("div", { class: "cards" }, ...cards));
  if (!cards.length) about.page.append(h("p", { class: "note" }, t("setup_none")));
}

/**
 * @param {About} about
 * @param {HostAccount} account
 * @param {{id: string} | undefined} here  as the mail client has it
 * @param {{off: string[], told: string[]}} switched
 */
function card(about, account, here, switched) {
  const paired = accountOf(about.accounts, account.address);
  const place = h("div");
  const node = h("section", { class: "card", "data-address": account.address }, h("h2", {}, account.address), place);
  if (paired) void about.tried(() => showPlan(about, place, paired));
  else if (account.kind !== "imap") place.append(h("p", {}, t("setup_pop")), h("code", {}, `ownhand setup --address ${account.address}`));
  else if (account.oauth) place.append(h("p", {}, t("setup_oauth")), h("code", {}, `ownhand setup --address ${account.address}`));
  else place.append(handOver(about, account));
  if (here) node.append(...switches(here.id, switched));
  return node;
}

/** @param {string} id @param {{off: string[], told: string[]}} switched */
function switches(id, { off, told }) {
  const help = h("input", {
    type: "checkbox", name: "help", checked: !off.includes(id), onchange: () => list("off", id, !help.checked),
  });
  const all = h("input", {
    type: "checkbox", name: "told", checked: told.includes(id), onchange: () => list("told", id, all.checked),
  });
  return [
    h("p", {}, h("label", {}, help, " ", t("setup_on"))),
    h("p", {}, h("label", {}, all, " ", t("setup_also"))),
  ];
}

/** @param {About} about @param {HostAccount} account */
function handOver({ daemon, tried, again }, account) {
  const secret = h("input", { type: "password", autocomplete: "off", required: true });
  const send = h("button", { type: "submit", class: "main" }, t("setup_connect"));
  const others = account.identities.map((one) => one.address).filter((one) => one !== account.address);
  return h("form", { class: "form", onsubmit: (/** @type {Event} */ event) => {
    event.preventDefault();
    send.disabled = true;
    void tried(async () => {
      await daemon.call("AccountService/AddAccount", asked(account, secret.value));
      again();
    }).finally(() => (send.disabled = false));
  } },
  h("p", { class: "note" }, t("setup_server", account.host, account.user)),
  others.length ? h("p", { class: "note" }, t("setup_identities", others.join(", "))) : null,
  h("label", {}, t("setup_password"), secret),
  h("p", { class: "note" }, t("setup_keyring")),
  send);
}

/** @param {HostAccount} account @param {string} secret @returns {Partial<Ownhand.AddAccountRequest>} */
function asked(account, secret) {
  const { address, display_name, host, port, security, user, sent_folder } = account;
  const identities = account.identities.map((one) => ({ ...one, voice: "" }));
  return { name: address, address, display_name, host, port, security, user, sent_folder, identities, secret };
}

/** What learning would do, and the one question. @param {About} about @param {HTMLElement} place @param {Ownhand.Account} account */
async function showPlan({ daemon, tried }, place, { name, n_originals: learned }) {
  if (learned) {
    place.append(h("p", {}, tn("setup_learned", learned)), h("p", {}, h("a", { href: "#rules" }, t("setup_see"))));
    return;
  }
  const [found, plan] = await Promise.all([
    daemon.call("AccountService/CheckAccount", { account: name }),
    daemon.call("LearningService/PlanLearning", { account: name }),
  ]);
  const missing = found.n_needed - found.n_usable; // the plan knows only what was read already
  const train = plan.stages.find((stage) => stage.stage === "STAGE_TRAIN");
  const facts = [
    t("plan_mails", found.n_messages.toLocaleString(), found.sent_folder, found.n_usable.toLocaleString()),
    train?.duration_s ? t("plan_time", span(train.duration_s), size(train.memory_bytes)) : "",
    plan.destination === "nowhere" ? t("plan_nothing_leaves") : t("plan_leaves", plan.destination),
    missing > 0 ? tn("plan_missing", missing) : "",
    ...found.warnings,
  ];
  place.append(h("ul", {}, ...facts.filter(Boolean).map((fact) => h("li", {}, fact))),
    plan.consent_needed ? h("a", { href: "#privacy" }, t("plan_consent"))
      : h("button", { type: "button", class: "main", onclick: () => tried(async () => {
        await daemon.call("LearningService/StartLearning", { account: name });
        location.hash = "#jobs";
      }) }, t("plan_start")));
}
