"""The report of a run: one HTML file that holds everything it shows and asks for nothing from outside."""

import os
from html import escape
from importlib.resources import files
from pathlib import Path

from ownhand.daemon.demo import figures
from ownhand.daemon.demo.facts import MailFacts, PersonFacts, Run


def write(run: Run, file: Path) -> None:
    """Writes the report whole or not at all."""
    temporary = file.with_name(file.name + ".tmp")
    temporary.write_text(page(run), "utf-8")
    os.replace(temporary, file)


def page(run: Run) -> str:
    """The whole page."""
    style = (files("ownhand.daemon.demo") / "report.css").read_text("utf-8")
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Ownhand: a run of the demo</title>
<style>
{style}</style>
</head>
<body>
<a class="skip" href="#main">To the drafts</a>
{_head(run)}
<main id="main">
{"".join(_person(run, person) for person in run.people)}
{figures.distances(run)}
{figures.rules(run)}
{figures.trainings(run)}
{_made(run)}
</main>
<footer>Written by <code>ownhand demo</code>. The people, their mail and their firms are invented.</footer>
</body>
</html>
"""


# --- the head ------------------------------------------------------------------------------------


def _head(run: Run) -> str:
    nearer = all(person.nearer for person in run.people)
    links = [(_anchor(person), person.person) for person in run.people]
    links += [
        ("distance", "Style distance"),
        ("rules", "Rules"),
        ("training", "Training"),
        ("run", "The run"),
    ]
    items = "".join(f'<li><a href="#{anchor}">{escape(name)}</a></li>' for anchor, name in links)
    return f"""<header>
<h1>In their own hand</h1>
<p class="lead">Ownhand learned from the Sent folders of {_word(len(run.people))} people how each of them
writes. Then it wrote {_word(len(run.mails))} mails that it had never seen, twice: once as the large model
writes by itself, and once steered by the rules that a small trained agent proposed. Here is each beside what
was really sent.</p>
<p class="verdict{"" if nearer else " no"}">{escape(run.verdict)}</p>
{_caution(run)}
<div class="numbers">
{"".join(_number(run, person) for person in run.people)}</div>
<nav aria-label="Sections"><ul>{items}</ul></nav>
</header>"""


def _caution(run: Run) -> str:
    """The offline model's numbers look better than they are, and a reader must know before they see them."""
    if run.model != "offline":
        return ""
    return """<p class="soft">How to read the numbers: this run used the offline model, which keeps the
sentences of the intent, and those come from the mail itself. What is left to get wrong is the form, so its
distances are small. They show what the rules do, not how well a large model writes.</p>"""


def _number(run: Run, person: PersonFacts) -> str:
    n = sum(mail.account == person.account for mail in run.mails)
    return f"""<div class="card">
<h2>{escape(person.person)}</h2>
<p class="number"><span class="before-ink">{person.zero_shot_distance:.2f}</span> <span class="to">→</span>
<span class="after-ink">{person.steered_distance:.2f}</span></p>
<p class="soft">style distance to what was really sent, zero-shot → steered; mean of {n} mails, 0 is the same
hand</p>
</div>
"""


# --- the mails -----------------------------------------------------------------------------------


def _person(run: Run, person: PersonFacts) -> str:
    mails = "\n".join(_mail(mail) for mail in run.mails if mail.account == person.account)
    return f"""<section aria-labelledby="{_anchor(person)}">
<h2 id="{_anchor(person)}">{escape(person.person)}</h2>
<p>{person.n_messages} messages in the Sent folder. {person.n_originals} were learned from{_skipped(person)}.
The last {person.n_later} arrived when there was an agent already, and were learned without being asked.
{person.n_rules} rules stand, each with its receipts.</p>
{mails}
</section>
"""


def _skipped(person: PersonFacts) -> str:
    counted = sorted(person.n_skipped.items(), key=lambda item: -item[1])
    told = ", ".join(f"{escape(reason)} {n}" for reason, n in counted)
    return f"; {sum(person.n_skipped.values())} were left out ({told})" if counted else ""


def _mail(mail: MailFacts) -> str:
    points = "".join(f"<li>{escape(point)}</li>" for point in mail.intent.splitlines())
    kind = "a reply" if mail.reply else "a new mail"
    return f"""<article class="card mail">
<h3 lang="{mail.language}">{escape(mail.subject)}</h3>
<p class="about">{kind} to {escape(mail.recipient)} ({escape(mail.recipient_kind)}), {mail.sent_at[:10]}</p>
<div class="two">
<div><h4>Intent: what the mail says, without how</h4><ul lang="{mail.language}">{points}</ul></div>
<div><h4>Rules that the {escape(mail.rules_source)} proposed, with their receipts</h4>{_rules(mail)}</div>
</div>
<div class="three">
{_text("zero", "Zero-shot draft", mail.zero_shot, mail.language, mail.zero_shot_distance)}
{_text("steered", "Steered draft", mail.steered, mail.language, mail.steered_distance)}
{_text("sent", "Really sent", mail.sent, mail.language)}
</div>
</article>"""


def _rules(mail: MailFacts) -> str:
    items = (
        f'<li><span>{escape(rule.text)}</span><span class="receipt">{escape(rule.receipts)}</span></li>'
        for rule in mail.rules
    )
    return f'<ul class="rules">{"".join(items) or "<li>none</li>"}</ul>'


def _text(kind: str, title: str, text: str, language: str, distance: float | None = None) -> str:
    shown = "" if distance is None else f"<b>distance {distance:.2f}</b>"
    return (
        f'<div class="text {kind}"><h4><span>{title}</span>{shown}</h4>'
        f'<blockquote lang="{language}">{escape(text)}</blockquote></div>'
    )


# --- how it was made -----------------------------------------------------------------------------


def _made(run: Run) -> str:
    jobs = [(job.person, job.asked_by, job.state, f"{job.seconds:.0f} s", job.message) for job in run.jobs]
    headings = ("whose mail", "asked for by", "state", "took", "what came of it")
    seconds = [(step, f"{took:.0f} s") for step, took in run.timings.items()]
    return f"""<section aria-labelledby="run">
<h2 id="run">The run</h2>
<p>The large model was <strong>{escape(run.model)}</strong>; text went
<strong>{escape(run.destination)}</strong>. The offline model is a program without weights: it writes plain
prose from the points and carries out every rule that can be measured. It finds no words of its own, so its
drafts keep the sentences of the intent.</p>
<div class="card">
{figures.table("Learning jobs", headings, jobs)}
<details><summary>Timings and versions</summary>
<div class="pair">
{figures.table("Steps", ("step", "took"), seconds)}
{figures.table("Versions", ("part", "version"), list(run.versions.items()))}
</div>
</details>
</div>
<p class="soft">{escape(run.made_at.replace("T", " ").removesuffix("+00:00"))} UTC</p>
</section>"""


def _word(n: int) -> str:
    return dict(enumerate("no one two three four five six seven eight nine".split())).get(n, str(n))


def _anchor(person: PersonFacts) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in person.account)
