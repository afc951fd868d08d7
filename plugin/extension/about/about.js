/** "What Ownhand knows about me": one page with four parts, each kept up to date while it is shown. */

import { Failure, PROTOCOL, pageLink } from "../daemon.js";
import { by, h } from "../dom.js";
import { localise } from "../i18n.js";
import { mismatch } from "../states.js";
import { tried } from "../told.js";
import { showJobs } from "./jobs.js";
import { showPrivacy } from "./privacy.js";
import { showRules } from "./rules.js";
import { showSetup } from "./setup.js";

/**
 * @typedef {{daemon: import("../daemon.js").Link, account: string, page: HTMLElement, signal: AbortSignal,
 *   accounts: Ownhand.Account[], tried: <T>(act: () => Promise<T>) => Promise<T | undefined>, again: () => void}} About
 *   what a part is given; `signal` ends when another part is shown
 */

/** @type {Record<string, {show(about: About): Promise<void>, needsAccount: boolean}>} */
const PARTS = {
  setup: { show: showSetup, needsAccount: false },
  rules: { show: showRules, needsAccount: true },
  jobs: { show: showJobs, needsAccount: true },
  privacy: { show: showPrivacy, needsAccount: false },
};

const daemon = pageLink();
/** @type {AbortController} */ let shown = new AbortController();

async function show() {
  shown.abort();
  const mine = (shown = new AbortController());
  const name = location.hash.slice(1) in PARTS ? location.hash.slice(1) : "rules";
  for (const link of document.querySelectorAll("nav a")) {
    if (link.getAttribute("href") === `#${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  await tried(daemon, async () => {
    const hello = await daemon.call("Host/Hello");
    const reason = mismatch(hello.protocol, PROTOCOL);
    if (reason) throw new Failure({ reason, message: "" });
    const { accounts } = await daemon.call("AccountService/ListAccounts");
    offer(accounts);
    const part = /** @type {typeof PARTS[string]} */ (PARTS[name]);
    if (part.needsAccount && !accounts.length) throw new Failure({ reason: "NOT_PAIRED", message: "" });
    if (mine.signal.aborted) return;
    const page = h("div", { "data-part": name });
    by("page").replaceChildren(page);
    await part.show({
      daemon, page, accounts, account: by("account").value, signal: mine.signal, again: show,
      tried: (act) => tried(daemon, act),
    });
    page.dataset.ready = "true";
  });
}

/** @param {Ownhand.Account[]} accounts */
function offer(accounts) {
  const before = by("account").value;
  by("account").replaceChildren(...accounts.map(({ name }) => h("option", { value: name }, name)));
  if (accounts.some(({ name }) => name === before)) by("account").value = before;
  by("account-line").hidden = accounts.length < 2;
}

localise(document);
addEventListener("hashchange", () => {
  void show();
  by("page").focus();
});
by("account").onchange = show;
await show();
