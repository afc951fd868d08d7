/** A compose window -> what the daemon is asked. */

const LONGEST = 24_000; // characters of the answered mail: the daemon reads no more

/**
 * @typedef {{address: string, name: string}} Person
 * @typedef {{to: Person[], subject: string, context: string, reply: boolean, from: string, accountId: string,
 *   key: string}} Letter  `key` tells one occasion from another
 */

/**
 * @param {string} written  "Bob Miller <bob@example.org>"
 * @returns {Person | null}
 */
export function person(written) {
  const found = /^\s*(?:"?((?:[^"<\\]|\\.)*?)"?\s*)?<([^<>\s]+@[^<>\s]+)>\s*$/.exec(written);
  if (found) return { name: (found[1] ?? "").replace(/\\(.)/g, "$1").trim(), address: found[2] ?? "" };
  const bare = /^\s*([^<>\s,;]+@[^<>\s,;]+)\s*$/.exec(written);
  return bare ? { name: "", address: bare[1] ?? "" } : null;
}

/**
 * The plain text of a mail's parts, without the quotes in it that are quoted again.
 * @param {{contentType: string, content: string}[]} parts
 * @param {(html: string) => Promise<string>} plain
 */
export async function textOf(parts, plain) {
  const text = parts.find((part) => part.contentType === "text/plain");
  if (text?.content.trim()) return text.content.slice(0, LONGEST);
  const html = parts.find((part) => part.contentType === "text/html");
  // Two megabytes of markup hold few words at their beginning that matter, and take long to read.
  return html ? (await plain(html.content.slice(0, 20 * LONGEST))).slice(0, LONGEST) : "";
}

/**
 * What stands in a compose window, but for the person's own words.
 * @param {number} tabId
 * @returns {Promise<Letter>}
 */
export async function letterOf(tabId) {
  const details = await browser.compose.getComposeDetails(tabId);
  const people = /** @type {string[]} */ ([details.to ?? []].flat()).filter((one) => typeof one === "string");
  const to = people.map(person).filter((one) => one !== null);
  const reply = details.type === "reply";
  const identity = await browser.identities.get(details.identityId ?? "");
  const letter = {
    to,
    subject: details.subject ?? "",
    reply,
    from: identity?.email ?? "",
    accountId: identity?.accountId ?? "",
    context: reply && details.relatedMessageId ? await answered(details.relatedMessageId) : "",
  };
  const key = JSON.stringify([letter.from, to.map((one) => one.address), letter.subject, details.relatedMessageId]);
  return { ...letter, key };
}

/** @param {number} messageId */
async function answered(messageId) {
  try {
    const parts = await browser.messages.listInlineTextParts(messageId);
    return await textOf(parts, (html) => browser.messengerUtilities.convertToPlainText(html));
  } catch {
    return ""; // it was moved or deleted meanwhile
  }
}

/**
 * The account of the daemon that an address belongs to.
 * @param {Ownhand.Account[]} accounts
 * @param {string} address
 */
export function accountOf(accounts, address) {
  const wanted = address.toLowerCase();
  return accounts.find((one) => [one.address, ...one.addresses].some((mine) => mine.toLowerCase() === wanted));
}
