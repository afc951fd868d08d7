"""The sections of the report that hold plots, each plot with its numbers as a table below it."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from statistics import fmean

from ownhand.daemon.demo import plots
from ownhand.daemon.demo.facts import AgentFacts, PersonFacts, Run, TrainingFacts, TrainingPoint
from ownhand.daemon.learn.dimensions import DIMENSIONS

_MIN_SHOWN = 0.005  # a difference that would be drawn as 0


def distances(run: Run) -> str:
    """How far both drafts are from what was sent, by mail and by dimension."""
    rows = [
        plots.Pair(
            f"{mail.person.split()[0]}: {mail.subject}", mail.zero_shot_distance, mail.steered_distance
        )
        for mail in run.mails
    ]
    plot = plots.pairs(rows, title="Style distance by mail", width=plots.WHOLE, labels_width=290)
    by_mail = _figure(
        "By mail",
        "each line goes from the zero-shot draft to the steered one; further left is nearer",
        plot,
        ("mail", "zero-shot", "steered"),
        [(row.label, f"{row.before:.3f}", f"{row.after:.3f}") for row in rows],
    )
    return f"""<section aria-labelledby="distance">
<h2 id="distance">Style distance, before and after</h2>
<p>The distance of two mails is the mean over dimensions of style of how far they are apart, each scaled by
how much people differ in it; 0 is the same in every dimension. What a mail says does not count.</p>
<p class="key"><span><i class="before"></i>zero-shot draft</span>
<span><i class="after"></i>steered draft</span></p>
{by_mail}
<div class="pair">
{"".join(_by_dimension(run, person) for person in run.people)}
</div>
</section>"""


def _by_dimension(run: Run, person: PersonFacts) -> str:
    """The dimensions in which either draft was off, the furthest first."""
    mails = [mail for mail in run.mails if mail.account == person.account]
    rows = []
    for name in (dimension.name for dimension in DIMENSIONS):
        before = _mean([mail.zero_shot_differences for mail in mails], name)
        after = _mean([mail.steered_differences for mail in mails], name)
        if max(before, after) >= _MIN_SHOWN:
            rows.append(plots.Pair(name.replace("_", " "), before, after))
    rows.sort(key=lambda pair: -pair.before)
    title = f"Style distance by dimension, mean over the mails of {person.person}"
    return _figure(
        f"By dimension: {person.person}",
        f"mean of {len(mails)} mails, where a draft was off",
        plots.pairs(rows, title=title),
        ("dimension", "zero-shot", "steered"),
        [(row.label, f"{row.before:.2f}", f"{row.after:.2f}") for row in rows],
    )


def _mean(differences: Iterable[Mapping[str, float]], name: str) -> float:
    known = [one[name] for one in differences if name in one]
    return fmean(known) if known else 0.0


def rules(run: Run) -> str:
    """The best supported rules of each person."""
    figures = [
        _figure(
            person.person,
            "the best supported rules, each where it holds best",
            plots.support_bars(
                [plots.Counted(r.text, r.support, r.against, r.receipts) for r in person.rules],
                title=f"Rules by support: {person.person}",
            ),
            ("rule", "receipts"),
            [(rule.text, rule.receipts) for rule in person.rules],
        )
        for person in run.people
    ]
    return f"""<section aria-labelledby="rules">
<h2 id="rules">Rules by support</h2>
<p>A rule is a claim, and claims are checked: against every mail of the person with an occasion for it.</p>
<p class="key"><span><i class="after"></i>mails that support the rule</span>
<span><i class="against"></i>mails that contradict it</span></p>
<div class="pair">
{"".join(figures)}
</div>
</section>"""


def trainings(run: Run) -> str:
    """The loss of each training, and what came of it."""
    return f"""<section aria-labelledby="training">
<h2 id="training">Training</h2>
<p>The agent is a small model with LoRA weights trained on this person's mail: from what a mail should say,
and to whom, it predicts the rules. A new one goes live only when it is not worse on held-out mail.</p>
<p class="key"><span><i class="before"></i>loss in training</span>
<span><i class="after"></i>loss on held-out mail</span></p>
<div class="pair">
{"".join(_training(run, training) for training in run.training)}
</div>
</section>"""


def _training(run: Run, training: TrainingFacts) -> str:
    asked_by = next((job.asked_by for job in run.jobs if job.id == training.job_id), "")
    agent = next((agent for agent in run.agents if agent.id == training.agent_id), None)
    train = [(point.step, point.loss) for point in training.points if point.loss]
    valid = _measured(training.points)
    why = "unasked, after new mail" if asked_by == "schedule" else "asked for by the person"
    if agent and agent.continued_from:
        why += ", going on from the agent before"
    return _figure(
        training.person,
        f"{why}; loss per token of a rule, in nats",
        plots.loss_curve(train, valid, title=f"Loss while training the agent of {training.person}, {why}"),
        ("step", "held-out loss"),
        [(str(step), f"{loss:.3f}") for step, loss in valid],
        below=_agent(agent) if agent else "",
    )


def _measured(points: Sequence[TrainingPoint]) -> list[tuple[int, float]]:
    """Held-out loss by step. The last report is about the weights that are kept, which are from earlier."""
    measured = [(point.step, point.valid_loss) for point in points if point.valid_loss]
    kept = measured and any(loss == measured[-1][1] for _, loss in measured[:-1])
    return measured[:-1] if kept else measured


def _agent(agent: AgentFacts) -> str:
    live = "Live now" if agent.current else "Not live now"
    made = f"Rank {agent.rank}, alpha {agent.alpha}, {agent.n_examples} examples"
    model = f"base model {escape(agent.base_model)}, {escape(agent.backend)}"
    return f'<p class="soft">{live}. {escape(agent.reason)} {made}; {model}.</p>\n'


# --- pieces --------------------------------------------------------------------------------------


def _figure(
    title: str,
    about: str,
    plot: str,
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    below: str = "",
) -> str:
    """A plot with its title, and its numbers for those who would rather read them."""
    return f"""<figure class="card">
<figcaption><strong>{escape(title)}</strong><span>{escape(about)}</span></figcaption>
{plot}
{below}<details><summary>As a table</summary>{table("", headings, rows)}</details>
</figure>
"""


def table(caption: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; the caption may be empty."""
    head = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in headings)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    inner = f"{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
    return f'<div class="scroll"><table>{inner}</table></div>'
