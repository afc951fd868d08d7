/**
 * The transport, and the only module that knows it: calls and answers as frames on a port.
 *
 * The background page holds the one port to the native host; pages hold ports to the background page, which passes
 * their frames on. Both ends are a Link. The frames are described in host/ownhand/host/bridge.py.
 */

export const HOST = "ownhand.host";
export const PROTOCOL = 1;

/**
 * @typedef {{postMessage(frame: object): void, disconnect(): void, error?: {message: string} | null,
 *   onMessage: {addListener(f: (frame: any) => void): void},
 *   onDisconnect: {addListener(f: (port: any) => void): void}}} Port
 * @typedef {{reason: string, message: string, hint?: string, fields?: Record<string, string>,
 *   retryAfterS?: number}} Told
 */

/** Why a call failed: a reason to act on, and sentences for people. */
export class Failure extends Error {
  /** @param {Told} told */
  constructor(told) {
    super(told.message);
    this.reason = told.reason;
    this.hint = told.hint ?? "";
    this.fields = told.fields ?? {};
    this.retryAfterS = told.retryAfterS ?? 0;
  }

  /** @returns {Told} */
  toJson() {
    const { reason, message, hint, fields, retryAfterS } = this;
    return { reason, message, hint, fields, retryAfterS };
  }
}

const LOST = "DISCONNECTED";

/** Calls over a port that is opened when one is needed, and closed after it was idle for a while. */
export class Link {
  /** @type {Port | null} */ #port = null;
  /** @type {Map<number, (frame: any) => void>} */ #waiting = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #idle;
  #last = 0;

  /**
   * @param {() => Port} open
   * @param {number} idleMs  0 keeps the port
   * @param {(error: {message: string} | null | undefined) => Told} [lost]  what a port's end means
   */
  constructor(open, idleMs = 0, lost = () => ({ reason: LOST, message: "" })) {
    this.open = open;
    this.idleMs = idleMs;
    this.lost = lost;
  }

  /**
   * One answer. Raises Failure.
   * @template {keyof Ownhand.Methods} M
   * @param {M} method
   * @param {Partial<Ownhand.Methods[M]["request"]>} [request]
   * @returns {Promise<Ownhand.Methods[M]["response"]>}
   */
  async call(method, request = {}) {
    for (let again = isRead(method); ; again = false) {
      try {
        for await (const message of this.stream(method, request)) return message;
        throw new Failure({ reason: "INTERNAL", message: "there was no answer" });
      } catch (error) {
        if (!again || !(error instanceof Failure) || error.reason !== LOST) throw error;
      }
    }
  }

  /**
   * Every answer as it comes. Leaving the loop, or the signal, cancels the call. Raises Failure.
   * @template {keyof Ownhand.Methods} M
   * @param {M} method
   * @param {Partial<Ownhand.Methods[M]["request"]>} [request]
   * @param {AbortSignal} [signal]
   * @returns {AsyncGenerator<Ownhand.Methods[M]["response"], void, void>}
   */
  async *stream(method, request = {}, signal) {
    const id = ++this.#last;
    /** @type {any[]} */ const frames = [];
    let wake = () => {};
    const take = (/** @type {any} */ frame) => (frames.push(frame), wake());
    const abort = () => take({ end: true });
    this.#waiting.set(id, take);
    let over = false;
    try {
      signal?.throwIfAborted();
      signal?.addEventListener("abort", abort);
      this.#opened().postMessage({ id, method, request });
      while (!over) {
        while (!frames.length) await new Promise((resolve) => (wake = () => resolve(undefined)));
        const frame = frames.shift();
        over = Boolean(frame.end || frame.error) && !signal?.aborted;
        if (frame.error) throw new Failure(frame.error);
        if (frame.end) return;
        yield frame.message;
      }
    } finally {
      signal?.removeEventListener("abort", abort);
      this.#waiting.delete(id);
      if (!over) this.#port?.postMessage({ id, cancel: true });
      this.#restWhenIdle();
    }
  }

  close() {
    this.#port?.disconnect();
    this.#port = null;
  }

  #opened() {
    clearTimeout(this.#idle);
    if (this.#port) return this.#port;
    const port = (this.#port = this.open());
    port.onMessage.addListener((frame) => this.#waiting.get(frame.id)?.(frame));
    port.onDisconnect.addListener((ended) => {
      if (this.#port === port) this.#port = null;
      const error = this.lost(ended?.error);
      for (const take of [...this.#waiting.values()]) take({ error });
    });
    return port;
  }

  #restWhenIdle() {
    clearTimeout(this.#idle);
    if (this.idleMs && !this.#waiting.size) this.#idle = setTimeout(() => this.close(), this.idleMs);
  }
}

/**
 * Whether asking again changes nothing.
 * @param {string} method
 */
const isRead = (method) => /\/(List|Get|Try|Plan|Preview|Check|Hello|Accounts|Start$)/.test(method);

/**
 * Passes the frames of a page's port on to a link, and its answers back.
 * @param {Port} port
 * @param {Link} link
 */
export function relay(port, link) {
  /** @type {Map<number, AbortController>} */ const calls = new Map();
  let gone = false;
  const tell = (/** @type {object} */ frame) => gone || port.postMessage(frame);
  port.onMessage.addListener(async (/** @type {any} */ { id, method, request, cancel }) => {
    if (cancel) return calls.get(id)?.abort();
    const call = new AbortController();
    calls.set(id, call);
    try {
      for await (const message of link.stream(method, request, call.signal)) tell({ id, message });
      tell({ id, end: true });
    } catch (error) {
      const failure = error instanceof Failure ? error : new Failure({ reason: "INTERNAL", message: String(error) });
      tell({ id, error: failure.toJson() });
    } finally {
      calls.delete(id);
    }
  });
  port.onDisconnect.addListener(() => {
    gone = true;
    for (const call of calls.values()) call.abort();
  });
}

/**
 * What the end of the native host's port means. Thunderbird has no code for it, but these words.
 * @param {{message: string} | null | undefined} error
 * @returns {Told}
 */
export function hostLost(error) {
  const missing = /no such native application|not found|permission|not allowed/i.test(error?.message ?? "");
  return missing ? { reason: "NO_HOST", message: "" } : { reason: LOST, message: "" };
}

/** The link of a page. */
export const pageLink = () => new Link(() => browser.runtime.connect({ name: "daemon" }));
