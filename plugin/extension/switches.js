/** The off switch of each account: the one thing that the plugin keeps, by the mail client's own account ids. */

/** @returns {Promise<string[]>} */
export async function off() {
  const { off = [] } = await browser.storage.local.get("off");
  return /** @type {string[]} */ (off);
}

/** @param {string} accountId @param {boolean} on */
export async function turn(accountId, on) {
  const others = (await off()).filter((one) => one !== accountId);
  await browser.storage.local.set({ off: on ? others : [...others, accountId] });
}
