"""`ownhand check`: what was found about an account, as a person would want to read it."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC

import click
from google.protobuf.timestamp_pb2 import Timestamp
from ownhand.daemon.cli.client import LONG_S, connected
from ownhand.daemon.cli.plain import plain
from ownhand.daemon.cli.terminal import Failed, json_option, print_facts, print_json, say
from ownhand.daemon.lexicon import LANGUAGES
from ownhand.v1 import accounts_pb2 as pb

_FOUND_BY = {
    pb.FOUND_BY_SETTINGS: "as your settings say",
    pb.FOUND_BY_SPECIAL_USE: "which the server marks as the one for sent mail",
    pb.FOUND_BY_XLIST: "which the server marks as the one for sent mail, as Gmail did it first",
    pb.FOUND_BY_NAME: "known by its name",
}
_MECHANISMS = {
    "PLAIN": "with a password",
    "LOGIN": "with a password",
    "XOAUTH2": "with an OAuth 2 token",
    "OAUTHBEARER": "with an OAuth 2 token",
}
_FOREIGN = "somebody else's words may still be in them"
# Why mail is left out, behind a number. The keys are the reasons as they are stored.
REASONS = {
    "a header line is left": _FOREIGN,
    "a quote mark is left": _FOREIGN,
    "an attribution is left": _FOREIGN,
    "quotes too entangled": _FOREIGN,
    "HTML is left": "HTML is left in their text",
    "armour is left": "a key or a signature of PGP is left in their text",
    "automatic reply": "automatic replies",
    "bounce or receipt": "bounces and receipts",
    "bulk": "bulk mail",
    "calendar reply": "answers to invitations",
    "deleted": "marked as deleted",
    "domain is never learned from": "on your never-learn list",
    "draft": "drafts",
    "encrypted": "encrypted, and not opened",
    "folder is never learned from": "on your never-learn list",
    "forgotten": "forgotten because you said so",
    "from another sender": "from an address that is none of yours",
    "mail merge": "the same words to many people",
    "no date": "without a date",
    "no text": "without text",
    "not from this person": "from somebody else",
    "not in the Sent folder": "not in the Sent folder",
    "our own draft, sent unchanged": "drafts of Ownhand's that you sent as they were",
    "recipient is never learned from": "on your never-learn list",
    "resent": "sent on unchanged",
    "saved twice": "copies of mail that is there already",
    "too few own words": "fewer than four words of your own",
    "unreadable": "cannot be read",
}


@click.command("check")
@click.argument("account", default="")
@json_option
def check_command(account: str, as_json: bool) -> None:
    """Say what there is to learn from in an account, without learning it.

    Signs in, finds the Sent folder, and reads its newest 200 mails as learning would: how many can be used,
    why the others cannot, in which languages, and whether that is enough for an agent. For a relay it signs
    in at the server behind it, and sends nothing; for imported mail it says what was learned. Changes nothing
    and keeps nothing. The exit code is 0 when there is enough to learn from, else 1.
    """
    with connected() as client:
        name = client.account(account)
        found = client.accounts.CheckAccount(pb.CheckAccountRequest(account=name), timeout=LONG_S)
    if as_json:
        print_json(plain(found))
    else:
        print_facts([*_server(found), *_mail(found)])
        for warning in found.warnings:
            click.echo(f"CAREFUL: {warning}.")
    if not found.usable:
        raise Failed(_too_little(found))
    if not as_json:
        say(_next(found, name if account else ""))


# --- the server ----------------------------------------------------------------------------------


def _server(found: pb.CheckAccountResponse) -> list[tuple[str, object]]:
    match found.source:
        case "imap":
            return [*_link(found), *_abilities(found), ("Sent folder", _folder(found))]
        case "relay":
            return [*_link(found), *_relay(found)]
        case "files":
            return [("Server", "none: this mail was imported from files")]
    return [("Server", "none: other accounts have identities that teach this voice")]


def _link(found: pb.CheckAccountResponse) -> list[tuple[str, object]]:
    link = found.connection
    secured = f"{link.tls.replace('TLSv', 'TLS ')}, {'pinned' if link.pinned else 'verified'} certificate"
    how = _MECHANISMS.get(link.mechanism, "signed in")
    return [
        ("Server", f"{found.server}, {secured if link.tls else 'without TLS, on this machine'}"),
        ("Signed in", f"{how} ({link.mechanism})"),
    ]


def _abilities(found: pb.CheckAccountResponse) -> list[tuple[str, object]]:
    told = "the server tells of it at once (IDLE)"
    asked = f"the server must be asked, every {_duration(found.poll_s)}"
    gone = "the server says what is gone (QRESYNC)"
    compared = "found by comparing, at each look"
    return [
        ("New mail", told if found.pushes else asked),
        ("Deletions", gone if found.tells_deletions else compared),
    ]


def _folder(found: pb.CheckAccountResponse) -> str:
    n = {0: "nothing in it", 1: "one message"}.get(found.n_messages, f"{found.n_messages:,} messages")
    return f'"{found.sent_folder}", {_FOUND_BY.get(found.found_by, "found")}: {n}'


def _relay(found: pb.CheckAccountResponse) -> list[tuple[str, object]]:
    size = found.max_message_bytes
    copies = f"{found.n_messages:,} wait to be read" if found.n_messages else "none waits to be read"
    running = "runs now" if found.relay_running else "does not run now: `ownhand relay` starts it"
    return [
        ("Takes mail", f"up to {size / 1e6:,.0f} MB" if size else "without saying how large it may be"),
        ("Relay", running),
        ("Copies", f"{copies}; learned from {found.n_learned:,} so far"),
    ]


# --- the mail ------------------------------------------------------------------------------------


def _mail(found: pb.CheckAccountResponse) -> list[tuple[str, object]]:
    if not found.HasField("sample"):
        return []
    sample = found.sample
    facts: list[tuple[str, object]] = [(_looked_at(found), _share(sample))]
    facts += [("", line) for line in _reasons(sample.n_skipped)]
    if sample.n_usable:
        languages = [f"{LANGUAGES.get(code, code)} {n:,}" for code, n in _ranked(sample.n_by_language)]
        facts += [
            ("Languages", ", ".join(languages)),
            ("Kinds", f"replies {sample.n_replies:,}, new mails {sample.n_usable - sample.n_replies:,}"),
            ("Written", _span(sample.first_time, sample.last_time)),
        ]
    if found.source == "imap" and found.n_learned:
        facts.append(("Learned", f"from {found.n_learned:,} so far"))
    return [*facts, ("In all", _verdict(found))]


def _looked_at(found: pb.CheckAccountResponse) -> str:
    n = found.sample.n_messages
    if found.source != "imap":
        return "Read so far"
    return f"Newest {n:,}" if n < found.n_messages else f"All {n:,}"


def _share(sample: pb.Sample) -> str:
    if sample.n_usable == sample.n_messages:
        return "all can be learned from"
    usable = f"{sample.n_usable:,}" if sample.n_usable else "none"
    return f"{usable} can be learned from; left out:"


def _reasons(n_skipped: Mapping[str, int]) -> list[str]:
    counts: Counter[str] = Counter()
    for reason, n in n_skipped.items():
        counts[REASONS.get(reason, reason)] += n
    width = max((len(f"{n:,}") for n in counts.values()), default=0)
    return [f"  {n:>{width},}  {words}" for words, n in counts.most_common()]


def _span(first: Timestamp, last: Timestamp) -> str:
    days = list(dict.fromkeys(f"{at:%-d %B %Y}" for at in (first.ToDatetime(UTC), last.ToDatetime(UTC))))
    return " to ".join(days)


def _verdict(found: pb.CheckAccountResponse) -> str:
    known = found.n_usable == found.n_learned or found.sample.n_messages >= found.n_messages
    about = "about " if found.source == "imap" and not known else ""
    n = max(found.n_usable, found.n_learned) if found.source == "relay" else found.n_usable
    enough = "enough" if n >= found.n_needed else "not enough yet"
    usable = f"{about}{n:,} usable {'mail' if n == 1 else 'mails'}"
    return f"{usable}: {enough} for an agent, which needs {found.n_needed}"


def _too_little(found: pb.CheckAccountResponse) -> str:
    if found.source == "imap" and not found.n_messages:
        names = ", ".join(f'"{name}"' for name in found.folders if name != found.sent_folder)
        other = f'if your sent mail is in another one, write its name as sent = "…"; there are {names}'
        return f"the folder is empty; {other if names else 'there is no other'}"
    if found.source == "imap" and not found.HasField("sample"):
        return "no mail could be read in time; try again later"
    if found.source == "imap" and not found.n_usable:
        return "none of these mails can be learned from, for the reasons above"
    missing = found.n_needed - max(found.n_usable, found.n_learned)
    more = "one more usable mail is" if missing == 1 else f"{missing} more usable mails are"
    return f"{more} needed for an agent; `ownhand learn --until verify` finds rules all the same"


def _next(found: pb.CheckAccountResponse, account: str) -> str:
    name = f" --account {account}" if account else ""
    if found.source == "relay" and found.n_learned < found.n_needed:
        start = "" if found.relay_running else "start `ownhand relay`, "
        return f"Next: {start}send mail through it; `ownhand relay secret{name}` says what to enter."
    if found.n_learned >= found.n_usable * 0.9 and found.n_learned >= found.n_needed:
        return f"Most of it was learned from already; `ownhand rules{name}` shows how you write."
    return f"Next: `ownhand learn{name}`"


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes"


def _ranked(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))
