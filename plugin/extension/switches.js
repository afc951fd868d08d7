/**
 * The switches of each account, by the mail client's own account ids: all that the plugin keeps. `off` lists those it
 * leaves alone; `told` those of which every mail that is written here is told to the daemon.
 */

/** @param {"off" | "told"} name @returns {Promise<string[]>} */
export async function listed(name) {
  const { [name]: ids = [] } = await browser.storage.local.get(name);
  return /** @type {string[]} */ (ids);
}

/** @param {"off" | "told"} name @param {string} accountId @param {boolean} on  the list has it afterwards */
export async function list(name, accountId, on) {
  const others = (await listed(name)).filter((one) => one !== accountId);
  await browser.storage.local.set({ [name]: on ? [...others, accountId] : others });
}
