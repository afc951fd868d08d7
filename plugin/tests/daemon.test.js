import assert from "node:assert/strict";
import { test } from "node:test";

import { Failure, Link, hostLost, relay } from "../extension/daemon.js";

/** A port whose other end the test holds. */
class Port {
  /** @type {any[]} */ sent = [];
  /** @type {((frame: any) => void)[]} */ #hears = [];
  /** @type {((port: any) => void)[]} */ #ends = [];
  onMessage = { addListener: (/** @type {(frame: any) => void} */ f) => void this.#hears.push(f) };
  onDisconnect = { addListener: (/** @type {(port: any) => void} */ f) => void this.#ends.push(f) };
  ended = false;
  /** @type {(frame: any) => void} */ answers = () => {};
  postMessage(/** @type {any} */ frame) {
    this.sent.push(frame);
    this.answers(frame);
  }
  disconnect() {
    this.ended = true;
  }
  say(/** @type {any} */ frame) {
    for (const f of this.#hears) f(frame);
  }
  end(/** @type {{message: string} | null} */ error = null) {
    for (const f of this.#ends) f({ error });
  }
}

/** @param {((port: Port, frame: any) => void)} answers */
function linked(answers, idleMs = 0) {
  /** @type {Port[]} */ const ports = [];
  const open = () => {
    const port = new Port();
    port.answers = (frame) => queueMicrotask(() => answers(port, frame));
    ports.push(port);
    return port;
  };
  return { link: new Link(open, idleMs), ports };
}

const LIST = "RuleService/ListRules";
const echo = (/** @type {Port} */ port, /** @type {any} */ { id, request, cancel }) => {
  if (cancel) return;
  port.say({ id, message: request });
  port.say({ id, end: true });
};

test("a call has its own answer, whatever the order", async () => {
  /** @type {any[]} */ const held = [];
  const { link } = linked((port, frame) => held.push([port, frame]));
  const both = Promise.all([link.call(LIST, { account: "a" }), link.call(LIST, { account: "b" })]);
  await new Promise((resolve) => setTimeout(resolve));
  for (const [port, frame] of held.reverse()) echo(port, frame);
  assert.deepEqual(await both, [{ account: "a" }, { account: "b" }]);
});

test("a failure carries what the daemon said", async () => {
  const { link } = linked((port, { id }) => port.say({ id, error: { reason: "NO_AGENT", message: "none", hint: "wait" } }));
  await assert.rejects(link.call(LIST), (/** @type {any} */ error) =>
    error instanceof Failure && error.reason === "NO_AGENT" && error.hint === "wait");
});

test("a stream that is left is cancelled", async () => {
  const { link, ports } = linked((port, { id, cancel }) => cancel || port.say({ id, message: { n: 1 } }));
  for await (const _ of link.stream("LearningService/WatchJobs")) break;
  assert.deepEqual(ports[0]?.sent.at(-1), { id: 1, cancel: true });
});

test("a signal ends a stream and tells the other end", async () => {
  const { link, ports } = linked(() => {});
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 5);
  for await (const _ of link.stream("LearningService/WatchJobs", {}, stop.signal)) assert.fail();
  assert.deepEqual(ports[0]?.sent.at(-1), { id: 1, cancel: true });
});

test("reads are asked again when the connection breaks, once; other calls are not", async () => {
  const { link, ports } = linked((port, frame) => (ports.length === 1 ? port.end() : echo(port, frame)));
  assert.deepEqual(await link.call(LIST, { account: "a" }), { account: "a" });
  assert.equal(ports.length, 2);
  const other = linked((port) => port.end());
  await assert.rejects(other.link.call("RuleService/DeleteRule", {}), { reason: "DISCONNECTED" });
  assert.equal(other.ports.length, 1);
  const gone = linked((port) => port.end());
  await assert.rejects(gone.link.call(LIST), { reason: "DISCONNECTED" });
  assert.equal(gone.ports.length, 2);
});

test("an idle link gives its port back and opens another", async () => {
  const { link, ports } = linked(echo, 5);
  await link.call(LIST);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(ports[0]?.ended, true);
  await link.call(LIST);
  assert.equal(ports.length, 2);
  link.close();
});

test("frames are passed on, and a page that goes cancels its calls", async () => {
  const { link, ports } = linked((port, frame) => frame.method === LIST && echo(port, frame));
  const page = new Port();
  relay(page, link);
  page.say({ id: 7, method: LIST, request: { account: "a" } });
  page.say({ id: 8, method: "LearningService/WatchJobs", request: {} });
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(page.sent, [{ id: 7, message: { account: "a" } }, { id: 7, end: true }]);
  page.end();
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(ports[0]?.sent.some(({ cancel }) => cancel));
});

test("a host that is not there is told from one that broke", () => {
  assert.equal(hostLost({ message: "No such native application ownhand.host" }).reason, "NO_HOST");
  assert.equal(hostLost(null).reason, "DISCONNECTED");
});
