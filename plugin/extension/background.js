/**
 * The event page. All of it runs again after a suspension, so listeners are registered at once, and the host is
 * started when it is needed. It keeps nothing: what belongs to a compose window lies in that window's editor.
 */

import { HOST, Failure, Link, hostLost, relay } from "./daemon.js";
import { accountOf, letterOf } from "./letter.js";
import { listed } from "./switches.js";

const IDLE_MS = 60_000; // then the host ends, and this page may sleep
const HANDS_ON_MS = 50;

const daemon = new Link(() => browser.runtime.connectNative(HOST), IDLE_MS, hostLost);

browser.runtime.onConnect.addListener((port) => {
  if (port.name === "daemon") relay(port, daemon);
});

// --- the editor's script ------------------------------------------------------------------------

const SCRIPT = { id: "editor", js: ["compose/editor.js"] };

async function register() {
  const there = await browser.scripting.compose.getRegisteredScripts({ ids: [SCRIPT.id] });
  if (!there.length) await browser.scripting.compose.registerScripts([SCRIPT]);
}
const registered = register();

/** Windows that were open before us have no script yet. @param {number} tabId */
async function reach(tabId) {
  for (let tries = 0; tries < 100; tries++) {
    try {
      return await browser.tabs.sendMessage(tabId, { to: "editor.recall" });
    } catch {
      if (tries === 20) await browser.scripting.executeScript({ target: { tabId }, files: SCRIPT.js }).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, HANDS_ON_MS));
    }
  }
  return null;
}

// --- rules before they are asked for -------------------------------------------------------------

/** @param {number} tabId */
async function prepare(tabId) {
  await registered;
  if (!(await reach(tabId))) return;
  const letter = await letterOf(tabId);
  const isOff = (await listed("off")).includes(letter.accountId);
  await browser.composeAction[isOff ? "disable" : "enable"](tabId);
  if (isOff) return;
  try {
    const { accounts } = await daemon.call("AccountService/ListAccounts");
    const account = accountOf(accounts, letter.from);
    if (!account) return;
    const { to, subject, context, reply } = letter;
    const request = { account: account.name, to, subject, context, reply, rules_only: true };
    for await (const { rules_proposed: proposed } of daemon.stream("DraftService/ComposeDraft", request)) {
      if (proposed) await remember(tabId, { proposed, key: letter.key, account });
    }
  } catch (error) {
    // Nobody asked yet: the panel tells what is wrong when it is opened.
    if (!(error instanceof Failure)) throw error;
  }
}

/** @param {number} tabId @param {object} what */
const remember = (tabId, what) => browser.tabs.sendMessage(tabId, { to: "editor.remember", what }).catch(() => {});

browser.tabs.onCreated.addListener((tab) => {
  if (tab.type === "messageCompose" && tab.id) void prepare(tab.id);
});
browser.compose.onIdentityChanged.addListener((tab) => {
  if (tab.id) void prepare(tab.id);
});

// --- what became of a draft -----------------------------------------------------------------------

/** @typedef {{words: Promise<{text: string, memory: any} | null>, identityId: string}} Sending */
/** @type {Map<number, Sending>} */
const sending = new Map();

// Answers at once with nothing: a mail is never held up by us.
browser.compose.onBeforeSend.addListener((tab, { identityId = "" }) => {
  const { id } = tab;
  const words = browser.tabs.sendMessage(id ?? -1, { to: "editor.words" }).catch(() => null);
  if (id) sending.set(id, { words, identityId });
  return {};
});

browser.compose.onAfterSend.addListener(async (tab, sent) => {
  const { words = null, identityId = "" } = sending.get(tab.id ?? -1) ?? {};
  sending.delete(tab.id ?? -1);
  const { text, memory } = (await words) ?? {};
  const message_id = sent.headerMessageId ?? "";
  if (sent.error || !text) return;
  if (memory.taken) {
    await tell("DraftService/RecordOutcome", {
      draft_id: memory.taken,
      kind: "OUTCOME_KIND_SENT",
      sent_text: text,
      message_id,
    });
  } else if (message_id && (await listed("told")).includes((await browser.identities.get(identityId))?.accountId ?? "")) {
    await tell("DraftService/RecordSent", { message_id, text });
  }
});

/**
 * @template {keyof Ownhand.Methods} M
 * @param {M} method
 * @param {Partial<Ownhand.Methods[M]["request"]>} what
 */
async function tell(method, what) {
  try {
    await daemon.call(method, what);
  } catch (error) {
    if (!(error instanceof Failure) || error.reason !== "DAEMON_STOPPED") return;
    await daemon.call("Host/Start");
    await daemon.call(method, what).catch(() => {});
  }
}

// --- pages ---------------------------------------------------------------------------------------

browser.runtime.onInstalled.addListener(({ reason }) => {
  if (reason === "install") void browser.tabs.create({ url: "about/about.html#setup" });
});
browser.action.onClicked.addListener(() => browser.tabs.create({ url: "about/about.html" }));
