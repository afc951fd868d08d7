"""`ownhand status` and `import`."""

from datetime import UTC
from pathlib import Path

import click
from google.protobuf.timestamp_pb2 import Timestamp
from ownhand.daemon.cli.client import LONG_S, SHORT_S, connected
from ownhand.daemon.cli.plain import plain
from ownhand.daemon.cli.progress import follow, takes
from ownhand.daemon.cli.terminal import (
    account_option,
    json_option,
    print_facts,
    print_json,
    print_table,
    say,
)
from ownhand.v1 import accounts_pb2, daemon_pb2


@click.command("status")
@json_option
def status_command(as_json: bool) -> None:
    """Say how the daemon is and what it has learned from."""
    with connected() as client:
        status = client.daemon.GetStatus(daemon_pb2.GetStatusRequest(), timeout=SHORT_S)
        accounts = client.accounts.ListAccounts(accounts_pb2.ListAccountsRequest(), timeout=SHORT_S).accounts
    if as_json:
        print_json({**plain(status), "accounts": [plain(account) for account in accounts]})
        return
    goes = (
        "nothing leaves this machine"
        if status.destination == "nowhere"
        else f"text goes to {status.destination}"
    )
    print_facts(
        [
            ("daemon", f"version {status.version}, process {status.pid}"),
            ("memory", f"{status.memory_bytes / 2**20:.0f} MiB"),
            ("large model", f"{status.model} ({goes})"),
            ("agents", f"backend {status.backend}"),
            ("running jobs", status.n_running_jobs),
            ("data", status.data_folder),
            ("log", status.log_file),
        ]
    )
    print_table(
        ["account", "address", "from", "#mails", "#left out", "state"],
        [
            (a.name, a.address, a.source, a.n_originals, sum(a.n_skipped.values()), _state(a))
            for a in accounts
        ],
    )
    for a in accounts:
        if a.HasField("next_training"):
            say(f"{a.name} is trained again {_when(a.next_training)}.")


@click.command("pause")
@account_option
@json_option
def pause_command(account: str, as_json: bool) -> None:
    """Stop learning from an account until `ownhand resume`. What was learned goes on being used."""
    _pause(account, True, as_json)


@click.command("resume")
@account_option
@json_option
def resume_command(account: str, as_json: bool) -> None:
    """Learn from an account again."""
    _pause(account, False, as_json)


def _pause(account: str, paused: bool, as_json: bool) -> None:
    with connected() as client:
        request = accounts_pb2.UpdateAccountRequest(account=client.account(account), paused=paused)
        updated = client.accounts.UpdateAccount(request, timeout=SHORT_S).account
    if as_json:
        print_json(plain(updated))
    else:
        say("Learning is paused." if paused else "Learning goes on.")


@click.command("import")
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option("--address", required=True, metavar="ADDRESS", help="Whose mail it is.")
@account_option
@json_option
def import_command(file: Path, address: str, account: str, as_json: bool) -> None:
    """Collect sent mail from FILE, an mbox file or a Maildir folder."""
    with connected() as client:
        request = accounts_pb2.ImportMailRequest(path=str(file.absolute()), address=address, account=account)
        job_id = client.accounts.ImportMail(request, timeout=LONG_S).job_id
        follow(client, job_id, as_json=as_json)
    if not as_json:
        say("Next: `ownhand learn`")


def _when(coming: accounts_pb2.NextTraining) -> str:
    ways = [f"after {coming.n_mails} more mails"] if coming.n_mails else []
    if coming.n_mails and coming.HasField("at_latest_time"):
        ways.append(f"with the next mail from {_day(coming.at_latest_time)} on")
    begins = " or ".join(ways) or "with the next mail"
    if coming.HasField("not_before_time"):
        begins += f", not before {_day(coming.not_before_time)}"
    begins += ", when this machine is idle and on mains power"
    if coming.duration_s:
        begins += f"; it took {takes(coming.duration_s, coming.memory_bytes)} the last time"
    return begins


def _day(at: Timestamp) -> str:
    return f"{at.ToDatetime(UTC).astimezone():%Y-%m-%d %H:%M}"


def _state(account: accounts_pb2.Account) -> str:
    if account.problem:
        return account.problem
    if account.paused:
        return "paused"
    return "watching for new mail" if account.watching else ""
