"""`ownhand model`: the base models that an agent can be trained on; list, fetch, choose."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from ownhand.daemon.bases import choice, pulling, shelf
from ownhand.daemon.bases.machine import Machine, this_machine
from ownhand.daemon.bases.needs import MAILS, Needs, best_that_fits, needs
from ownhand.daemon.bases.table import EMBEDDED, TABLE, Base, shape_of
from ownhand.daemon.cli.terminal import confirmed, json_option, print_json, print_table, say
from ownhand.daemon.errors import Invalid, NotReady
from ownhand.daemon.paths import Paths, find_paths

mails_option = click.option(
    "--mails", type=click.IntRange(1, 100_000), default=MAILS, show_default=True,
    help="For how many mails the minutes of a training are told.",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Here:
    """What the commands need to know of this machine."""

    paths: Paths
    machine: Machine
    python: str
    in_use: str


@click.group("model", invoke_without_command=True)
@json_option
@click.pass_context
def model_command(ctx: click.Context, as_json: bool) -> None:
    """List, fetch and choose the base model that your agent is trained on.

    Nothing is fetched unless you pull it. Everything afterwards works without a network.
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_command, as_json=as_json)


@model_command.command("list")
@mails_option
@json_option
def list_command(mails: int, as_json: bool) -> None:
    """List base models with what each needs of this machine.

    Any other model of huggingface.co can be pulled as owner/name, and any folder with one be used.
    Sizes and minutes are estimates.
    """
    here = _here()
    names = [EMBEDDED, *(base.name for base in TABLE)]
    names += [name for name in (*shelf.pulled(here.paths.models), here.in_use) if name not in names]
    rows = [_facts(name, here, mails) for name in dict.fromkeys(names)]
    if as_json:
        print_json(rows)
        return
    say(f"On this machine ({here.machine.name}, {_gb(here.machine.memory_bytes)}); times for {mails} mails:")
    print_table(
        ["", "base model", "#size", "licence", "#to train", "#to use", "#about", "here", "note"],
        [
            ("in use" if row["in_use"] else "", row["name"], _gb(row["download_bytes"]), row["licence"],
             _gb(row["train_bytes"]) if row["fits"] else "too much", _gb(row["use_bytes"]),
             _time(row["minutes"]) if row["fits"] else "-", "yes" if row["here"] else "no", row["note"])
            for row in rows
        ],
    )  # fmt: skip


@model_command.command("pull")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def pull_command(name: str, yes: bool, as_json: bool) -> None:
    """Fetch a base model from the hub, after saying how large it is, its licence and where it comes from.

    One that was interrupted goes on where it stopped. HF_ENDPOINT names another hub than huggingface.co,
    HF_TOKEN your token for models that are given only to those who asked.
    """
    if not shelf.is_name(name):
        raise Invalid(
            f"{name} is no name at a hub", hint="names are like Qwen/Qwen3-0.6B: `ownhand model list`"
        )
    here = _here()
    folder = Path(shelf.folder_of(name, here.paths.models))
    if not shelf.is_here(name, here.paths.models):
        found = pulling.look(here.python, name, folder)
        _tell(found, here)
        if not confirmed("Fetch it?", yes=yes):
            raise click.Abort
        _watch(pulling.pull(here.python, name, folder), found.bytes_left)
    if as_json:
        print_json({"name": name, "folder": str(folder)})
    else:
        say(f"{name} is on this machine. To train on it from now on: ownhand model use {name}")


@model_command.command("use")
@click.argument("base")
@json_option
def use_command(base: str, as_json: bool) -> None:
    """Train on this base model from now on: a name from the list, a folder, or "embedded".

    Writes [agent] base into config.toml. The agent that you have stays until the next training ends.
    """
    here = _here()
    base = base if base == EMBEDDED or shelf.is_name(base) else shelf.folder_of(base, here.paths.models)
    told = shelf.describe(base, here.paths.models)
    if not shelf.is_here(told.name, here.paths.models):
        raise NotReady(
            f"{told.name} is not on this machine", hint=f"fetch it: ownhand model pull {told.name}"
        )
    wanted = needs(told, here.machine)
    if not wanted.fits:
        raise NotReady(
            f"{told.name} needs about {_gb(wanted.train_bytes)} to train, and this machine can give "
            f"{_gb(here.machine.room_bytes)}",
            hint=f"{best_that_fits(here.machine)} fits",
        )
    choice.choose(here.paths.config_file, told.name)
    if as_json:
        print_json(_facts(told.name, here, MAILS) | {"in_use": True})
        return
    say(f"The next training starts from {told.name}: about {_time(wanted.minutes)} for {MAILS} mails.")
    say("The agent that you have stays until then. A daemon that runs reads this when it starts again.")


def _here() -> Here:
    from ownhand.daemon.config import read_settings

    paths = find_paths()
    settings = read_settings(paths.config_file)
    machine = this_machine(settings.agent.backend, settings.agent.threads)
    return Here(paths, machine, settings.trainer.python or sys.executable, settings.agent.base)


def _facts(name: str, here: Here, mails: int) -> dict[str, Any]:
    """One base as the list tells it; without numbers where nobody knows its shape."""
    try:
        base: Base | None = shelf.describe(name, here.paths.models)
    except Invalid:
        base = None
    needed: Needs | None = needs(base, here.machine, mails) if base else None
    return {
        "name": name,
        "parameters": base.shape.parameters if base else 0,
        "download_bytes": base.download_bytes if base else 0,
        "licence": base.licence if base else "",
        "note": base.note if base else "cannot be read",
        "train_bytes": needed.train_bytes if needed else 0,
        "use_bytes": needed.use_bytes if needed else 0,
        "minutes": round(needed.minutes, 1) if needed else 0,
        "quantised": bool(needed and needed.quantised),
        "fits": bool(needed and needed.fits),
        "here": bool(base) and shelf.is_here(name, here.paths.models),
        "in_use": name == here.in_use,
    }


def _tell(found: Any, here: Here) -> None:
    licence = found.licence or "none is named"
    say(f"{found.repository} from {found.source}")
    say(f"  {_gb(found.bytes)} in {found.n_files} files" + _already(found))
    say(f"  licence: {licence}" + ("; given only to those who accepted its terms" if found.gated else ""))
    shape = shape_of(found.config)
    if shape is None:
        say("  its config.json is not that of a dense language model: it may not work here")
        return
    wanted = needs(Base(found.repository, shape, licence), here.machine)
    time = _time(wanted.minutes)
    say(f"  to train: {_gb(wanted.train_bytes)} of memory, about {time} for {MAILS} mails")
    if not wanted.fits:
        say(f"  this machine can give {_gb(here.machine.room_bytes)}; {best_that_fits(here.machine)} fits")


def _already(found: Any) -> str:
    here = found.bytes - found.bytes_left
    return f", {_gb(here)} of it here already" if here else ""


def _watch(left: Any, total: int) -> None:
    """A bar where somebody looks."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=total)
        for bytes_left in left:
            progress.update(task, completed=total - bytes_left)


def _gb(number: int) -> str:
    return f"{number / 1e9:.1f} GB" if number >= 1e8 else f"{number / 1e6:.0f} MB"


def _time(minutes: float) -> str:
    """Rounded as roughly as it is known."""
    if minutes >= 90:
        return f"{minutes / 60:.0f} h"
    return f"{round(minutes, -1):.0f} min" if minutes >= 10 else f"{max(1, minutes):.0f} min"
