/** Words in the person's language: `_locales` has them all. */

/**
 * @param {string} key
 * @param {...(string | number)} values
 */
export const t = (key, ...values) => browser.i18n.getMessage(key, values.map(String)) || key;

/** One or many: KEY_one, KEY_many. @param {string} key @param {number} n */
export const tn = (key, n) => t(n === 1 ? `${key}_one` : `${key}_many`, n);

/**
 * Fills `data-i18n` (text), `data-i18n-label` (aria-label) and `data-i18n-placeholder` of a page.
 * @param {ParentNode} root
 */
export function localise(root) {
  document.documentElement.lang = browser.i18n.getUILanguage();
  document.documentElement.dir = t("@@bidi_dir");
  for (const node of root.querySelectorAll("[data-i18n]")) node.textContent = t(node.getAttribute("data-i18n") ?? "");
  for (const name of ["label", "placeholder"]) {
    const attribute = name === "label" ? "aria-label" : name;
    for (const node of root.querySelectorAll(`[data-i18n-${name}]`)) {
      node.setAttribute(attribute, t(node.getAttribute(`data-i18n-${name}`) ?? ""));
    }
  }
  if (document.title) document.title = t(document.title);
}

/** @param {string | undefined} iso */
export const day = (iso) => (iso ? new Date(iso).toLocaleDateString(undefined, { dateStyle: "medium" }) : "");

/** @param {string | undefined} iso */
export const moment = (iso) =>
  iso ? new Date(iso).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" }) : "";

/** @param {number} share  0 to 1 */
export const percent = (share) => share.toLocaleString(undefined, { style: "percent" });

/** @param {number} seconds */
export const span = (seconds) =>
  seconds < 90 ? tn("seconds", Math.max(1, Math.round(seconds))) : tn("minutes", Math.round(seconds / 60));

/** @param {number | string} bytes */
export const size = (bytes) => `${Math.max(1, Math.round(Number(bytes) / 2 ** 20)).toLocaleString()} MiB`;
