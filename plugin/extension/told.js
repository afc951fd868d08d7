/** Shows a state: one sentence and one button that does something about it. */

import { by, h } from "./dom.js";
import { t } from "./i18n.js";
import { stateOf } from "./states.js";

/** @typedef {import("./daemon.js").Link} Link */

/**
 * Does something with the daemon; where that fails, says why and offers to go on.
 * @template T
 * @param {Link} daemon
 * @param {() => Promise<T>} act
 * @returns {Promise<T | undefined>}
 */
export async function tried(daemon, act) {
  try {
    const done = await act();
    by("state").hidden = true;
    return done;
  } catch (error) {
    show(daemon, /** @type {any} */ (error), act);
    return undefined;
  }
}

/**
 * @param {Link} daemon
 * @param {{reason?: string, message?: string, hint?: string}} failure
 * @param {() => Promise<unknown>} again
 */
export function show(daemon, failure, again) {
  const { sentence, detail, remedy } = stateOf(failure);
  const place = by("state");
  const button = h("button", { type: "button", onclick: press }, t(`remedy_${remedy}`));
  place.replaceChildren(h("p", {}, t(sentence, detail)), button);
  place.dataset.state = failure.reason ?? "INTERNAL";
  place.hidden = false;

  async function press() {
    button.disabled = true;
    if (remedy === "setup" || remedy === "privacy" || remedy === "jobs") {
      await browser.tabs.create({ url: `/about/about.html#${remedy}` });
      button.disabled = false;
      return;
    }
    await tried(daemon, async () => {
      if (remedy === "start") await daemon.call("Host/Start");
      return again();
    });
  }
}
