/** Is it getting better? Agents with their numbers, what became of drafts, and the jobs as they get on. */

import { Failure } from "../daemon.js";
import { h } from "../dom.js";
import { day, moment, percent, size, span, t, tn } from "../i18n.js";
import { plot } from "./plots.js";

/** @typedef {import("./about.js").About} About */

/** @param {About} about */
export async function showJobs(about) {
  const { page, account, accounts } = about;
  const mine = accounts.find((one) => one.name === account);
  const better = h("section", {}, h("h2", {}, t("better_title")));
  const agents = h("section", {}, h("h2", {}, t("agents_title")));
  const jobs = h("section", { "aria-live": "polite" });
  page.append(better, h("section", {}, h("h2", {}, t("jobs_title")), learning(about, mine), jobs), agents);
  await Promise.all([showAgents(about, agents, better), follow(about, jobs)]);
}

/** @param {About} about @param {Ownhand.Account | undefined} mine */
function learning({ daemon, account, tried, again }, mine) {
  const next = mine?.next_training;
  const when = !next ? "" : next.n_mails ? tn("next_mails", next.n_mails)
    : next.not_before_time ? t("next_after", moment(next.not_before_time)) : t("next_idle");
  const takes = next?.duration_s ? t("next_takes", span(next.duration_s), size(next.memory_bytes)) : "";
  const update = (/** @type {boolean} */ paused) => tried(async () => {
    await daemon.call("AccountService/UpdateAccount", { account, paused });
    again();
  });
  return h("div", {},
    h("p", {}, mine?.paused ? t("paused") : [when, takes].filter(Boolean).join(" ")),
    mine?.problem ? h("p", { class: "state" }, mine.problem) : null,
    h("div", { class: "row" },
      h("button", { type: "button", id: "learn", onclick: () => tried(async () => {
        await daemon.call("LearningService/StartLearning", { account });
      }) }, t("learn_now")),
      h("button", { type: "button", id: "pause", onclick: () => update(!mine?.paused) }, t(mine?.paused ? "resume" : "pause"))));
}

/** @param {About} about @param {HTMLElement} list @param {HTMLElement} better */
async function showAgents({ daemon, account, tried, again }, list, better) {
  const [{ agents }, { outcomes }] = await Promise.all([
    daemon.call("AgentService/ListAgents", { account }),
    daemon.call("DraftService/ListOutcomes", { account }),
  ]);
  const act = (/** @type {"AgentService/PromoteAgent" | "AgentService/DeleteAgent"} */ method, /** @type {string} */ agent_id) =>
    tried(async () => {
      await daemon.call(method, { agent_id });
      again();
    });
  list.append(agents.length ? h("div", { class: "cards" }, ...agents.map((agent, index) => card(agent, agents[index + 1], act)))
    : h("p", { class: "note" }, t("agents_none")));
  better.append(...plots(agents, outcomes));
}

/**
 * @param {Ownhand.Agent} agent
 * @param {Ownhand.Agent | undefined} before
 * @param {(method: "AgentService/PromoteAgent" | "AgentService/DeleteAgent", id: string) => void} act
 */
function card(agent, before, act) {
  const button = (/** @type {string} */ key, /** @type {Parameters<typeof act>[0]} */ method) =>
    h("button", { type: "button", onclick: () => act(method, agent.id), "aria-label": `${t(key)}: ${moment(agent.create_time)}` }, t(key));
  return h("article", { class: "card", "data-agent": agent.id },
    h("h3", {}, moment(agent.create_time), agent.current ? ` – ${t("agent_current")}` : ""),
    h("p", {}, t("agent_numbers", percent(agent.precision), percent(agent.recall), agent.n_examples.toLocaleString())),
    h("p", { class: "note" }, [agent.base_model, agent.backend, agent.duration_s ? span(agent.duration_s) : "",
      Number(agent.memory_bytes) ? size(agent.memory_bytes) : ""].filter(Boolean).join(" · ")),
    agent.reason && h("p", { class: "note" }, agent.reason),
    !agent.current && h("div", { class: "row" },
      button(before ? "promote" : "roll_back", "AgentService/PromoteAgent"), button("delete", "AgentService/DeleteAgent")));
}

/** @param {Ownhand.Agent[]} agents @param {Ownhand.Outcome[]} outcomes */
function plots(agents, outcomes) {
  const old = [...agents].reverse();
  const f1 = old.map(({ precision: p, recall: r }) => (p + r ? (2 * p * r) / (p + r) : 0));
  const kept = outcomes.map((one) => one.kept ?? null);
  const drawn = [];
  if (f1.length) {
    drawn.push(h("h3", {}, t("plot_f1")), plot(t("plot_f1_label", percent(f1[0] ?? 0), percent(f1.at(-1) ?? 0)),
      [{ values: f1 }], { say: percent, from: day(old[0]?.create_time), to: day(old.at(-1)?.create_time) }));
  }
  const known = kept.filter((one) => one !== null);
  if (known.length) {
    const mean = known.reduce((sum, one) => sum + one, 0) / known.length;
    drawn.push(h("h3", {}, t("plot_kept")), plot(t("plot_kept_label", tn("drafts", known.length), percent(mean)),
      [{ values: kept }], { say: percent, from: day(outcomes[0]?.time), to: day(outcomes.at(-1)?.time) }));
  }
  return drawn.length ? drawn : [h("p", { class: "note" }, t("better_none"))];
}

/** The jobs, for as long as they are looked at. @param {About} about @param {HTMLElement} place */
async function follow({ daemon, account, signal, tried }, place) {
  const cancel = (/** @type {string} */ job_id) => tried(() => daemon.call("LearningService/CancelJob", { job_id }));
  const asked = { account, page_size: 10 };
  const show = (/** @type {Ownhand.Job[]} */ jobs) => place.replaceChildren(...(jobs.length
    ? jobs.map((job) => jobCard(job, cancel)) : [h("p", { class: "note" }, t("jobs_none"))]));
  show((await daemon.call("LearningService/ListJobs", asked)).jobs);
  void tried(async () => {
    while (!signal.aborted) {
      try {
        for await (const { jobs } of daemon.stream("LearningService/WatchJobs", asked, signal)) show(jobs);
        return;
      } catch (error) {
        if (!(error instanceof Failure) || error.reason !== "DISCONNECTED") throw error;
        await new Promise((resolve) => setTimeout(resolve, 500)); // the event page slept
      }
    }
  });
}

/** @param {Ownhand.Job} job @param {(id: string) => void} cancel */
function jobCard(job, cancel) {
  const runs = job.state === "JOB_STATE_RUNNING";
  const state = job.state.replace("JOB_STATE_", "").toLowerCase();
  return h("article", { class: "card", "data-job": job.id, "data-state": state },
    h("h3", {}, `${moment(job.start_time)} – ${t(`job_${state}`)}`),
    job.message && h("p", {}, job.message),
    ...(runs ? job.stages.filter((stage) => stage.done < stage.total || !stage.total).slice(0, 1).map(stageLine) : []),
    job.training.length > 1 && plot(t("plot_loss"), losses(job.training),
      { most: Math.max(...job.training.flatMap((point) => [point.loss, point.valid_loss])), say: (value) => value.toFixed(1) }),
    runs && h("button", { type: "button", onclick: () => cancel(job.id) }, t("stop")));
}

/** @param {Ownhand.TrainingPoint[]} points */
const losses = (points) => [
  { values: points.map((point) => point.loss) },
  { values: points.map((point) => point.valid_loss || null), other: true },
];

/** @param {Ownhand.StageProgress} stage */
function stageLine(stage) {
  const name = t(stage.stage.toLowerCase());
  return h("p", {}, h("span", {}, name, " "),
    h("progress", { max: stage.total || 1, "aria-label": name, ...(stage.total ? { value: stage.done } : {}) }), " ",
    stage.left_s ? t("left", span(stage.left_s)) : "",
    Number(stage.memory_bytes) ? ` · ${size(stage.memory_bytes)}` : "");
}
