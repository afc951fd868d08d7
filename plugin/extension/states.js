/** Failures -> what the person is told: one sentence and one button. Pure. */

/**
 * @typedef {"start" | "retry" | "setup" | "privacy" | "jobs"} Remedy
 * @typedef {{sentence: string, detail: string, remedy: Remedy}} State  a key of _locales, the daemon's own words
 */

/** @type {Record<string, [string, Remedy]>} */
const KNOWN = {
  NO_HOST: ["state_no_host", "retry"],
  DISCONNECTED: ["state_disconnected", "retry"],
  DAEMON_STOPPED: ["state_stopped", "start"],
  START_FAILED: ["state_start_failed", "start"],
  NOT_PAIRED: ["state_not_paired", "setup"],
  NOT_FOUND: ["state_not_found", "retry"],
  NO_AGENT: ["state_no_agent", "jobs"],
  TOO_LITTLE_MAIL: ["state_too_little", "jobs"],
  NO_CONSENT: ["state_no_consent", "privacy"],
  UNREACHABLE: ["state_unreachable", "retry"],
  LOGIN_FAILED: ["state_login", "retry"],
  LIMIT_REACHED: ["state_limit", "privacy"],
  BAD_COMPLETION: ["state_bad_completion", "retry"],
  DISK_FULL: ["state_disk", "retry"],
  TOO_SLOW: ["state_slow", "retry"],
  TOO_LONG: ["state_long", "retry"],
  TOO_OLD: ["state_daemon_old", "retry"],
  PLUGIN_OLD: ["state_plugin_old", "retry"],
  BAD_CALL: ["state_daemon_old", "retry"],
  NO_KEYRING: ["state_keyring", "retry"],
  INVALID: ["state_other", "retry"],
  OFF: ["state_off", "setup"],
};

/**
 * @param {{reason?: string, message?: string, hint?: string}} failure
 * @returns {State}
 */
export function stateOf(failure) {
  const [sentence, remedy] = KNOWN[failure.reason ?? ""] ?? ["state_other", "retry"];
  const said = [failure.message, failure.hint].filter(Boolean).join(" – ");
  return { sentence, detail: SAID.has(sentence) ? said : "", remedy };
}

// Sentences that the daemon's own words make clearer; the others say it all.
const SAID = new Set(["state_other", "state_limit", "state_unreachable", "state_login", "state_too_little",
  "state_bad_completion", "state_no_consent", "state_start_failed", "state_disk", "state_keyring"]);

/**
 * Whether plugin and daemon understand each other; the reason when they do not.
 * @param {number} theirs  the protocol that the host speaks
 * @param {number} ours
 */
export const mismatch = (theirs, ours) => (theirs === ours ? "" : theirs > ours ? "PLUGIN_OLD" : "TOO_OLD");
