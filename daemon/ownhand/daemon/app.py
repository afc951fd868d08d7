"""The composition root: settings -> adapters -> services -> server. The one place that knows everybody."""

import asyncio
import logging
import shutil
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

from ownhand.daemon import lock, occasion
from ownhand.daemon.account_setup import AccountSetup
from ownhand.daemon.agents.training import decide
from ownhand.daemon.agents.worker import TrainerBackend
from ownhand.daemon.bases.estimates import Estimates
from ownhand.daemon.bases.shelf import folder_of
from ownhand.daemon.config import ModelSettings, Settings
from ownhand.daemon.domain import AgentId
from ownhand.daemon.errors import NotReady
from ownhand.daemon.learn.history import Histories
from ownhand.daemon.learn.jobs import Jobs
from ownhand.daemon.learn.retention import Keep
from ownhand.daemon.learn.schedule import Pace
from ownhand.daemon.learn.stages import LearningSettings, Stages
from ownhand.daemon.log import places
from ownhand.daemon.mail.files import FilesSource
from ownhand.daemon.mail.signin.password import password_reader
from ownhand.daemon.mailboxes import Mailboxes
from ownhand.daemon.model.anthropic import AnthropicModel
from ownhand.daemon.model.egress import Gate
from ownhand.daemon.model.offline import OfflineModel
from ownhand.daemon.model.openai import OpenAIModel
from ownhand.daemon.model.usage import cost_usd, known
from ownhand.daemon.paths import Paths
from ownhand.daemon.ports import LargeModel
from ownhand.daemon.rpc.server import Server, Services
from ownhand.daemon.services.accounts import Accounts
from ownhand.daemon.services.agents import Agents
from ownhand.daemon.services.checking import Checks
from ownhand.daemon.services.coming import Coming
from ownhand.daemon.services.learning import Learning
from ownhand.daemon.services.privacy import Privacy
from ownhand.daemon.services.rules import Rules
from ownhand.daemon.services.saving import DraftSaver
from ownhand.daemon.services.sources import Sources
from ownhand.daemon.services.status import Daemon
from ownhand.daemon.services.watcher import Watcher
from ownhand.daemon.services.watchers import Watchers
from ownhand.daemon.store.sqlite import Store
from ownhand.daemon.write.propose import Proposer
from ownhand.daemon.write.steer import Drafts

log = logging.getLogger(__name__)


class SystemClock:
    """The time of this machine, in UTC."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@dataclass(slots=True)
class App:
    """A wired program, with what must be started and stopped."""

    server: Server
    services: Services
    jobs: Jobs
    watchers: Watchers | None  # None: the person asks for each look
    backend: TrainerBackend
    gate: Gate
    store: Store
    histories: Histories

    async def run(self, until: asyncio.Event, ready: Callable[[], None]) -> None:
        """Serves until told to stop; then stops in the order in which things depend on each other."""
        try:
            await self.server.start()
            self.jobs.resume()
            if self.watchers is not None:
                self.watchers.start()
            ready()
            await until.wait()
        finally:
            await self.server.stop()
            if self.watchers is not None:
                await self.watchers.aclose()
            await self.aclose()

    async def aclose(self) -> None:
        """Stops jobs where they are, ends the trainer's processes and closes the store."""
        await self.jobs.aclose()
        await self.backend.aclose()
        await self.gate.aclose()
        self.store.close()


async def serve(settings: Settings, paths: Paths, *, ready: Callable[[], None]) -> None:
    """Runs the daemon until SIGTERM or SIGINT; calls `ready` when it answers.

    Raises StorageFailed when another one runs already.
    """
    paths.make()
    with lock.hold(paths.lock):
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(_log_unhandled)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        await build(settings, paths).run(stop, ready)


def _log_unhandled(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What asyncio would print has the text of the exception in it, which may hold mail."""
    exc = context.get("exception")
    facts = {"error": type(exc).__name__, "at": places(exc)} if exc else {}
    log.error("nobody handled an error", extra=facts)


def build(settings: Settings, paths: Paths) -> App:
    """Wires the program. Opens the database; starts nothing."""
    clock = SystemClock()
    store = Store.open(paths.database)
    mailboxes = Mailboxes(store, paths)
    sources = Sources(
        store.corpus,
        store.privacy,
        mailboxes.servers,
        FilesSource,
        read_answered=settings.learning.read_answered,
    )
    gate = _gate(settings, store, clock)
    agent = settings.agent
    estimates = Estimates(agent.base, paths.models, agent.backend, agent.threads)
    backend = _backend(settings, paths, estimates)
    histories = Histories(store.learning)
    stages = Stages(
        corpus=store.corpus,
        mailboxes=store.mailboxes,
        learning=store.learning,
        agents=store.agents,
        model=gate,
        backend=backend,
        clock=clock,
        sources=sources,
        decide=decide,
        discard=partial(_discard, store, paths),
        histories=histories,
        occasion=occasion.of_this_machine() if settings.learning.quiet else occasion.Always(),
        trainingsets=paths.trainingsets,
        settings=LearningSettings(
            min_mails=settings.learning.min_mails,
            intents=settings.learning.intents,
            contrast=settings.learning.contrast,
            base_model=folder_of(agent.base, paths.models),
            keep=Keep(agent.keep, timedelta(days=agent.keep_days)),
        ),
    )
    jobs = Jobs(store.jobs, stages, clock)
    coming = Coming(store, _pace(settings), clock, stages.settings.base_model)
    watchers = (
        Watchers(partial(Watcher, store=store, jobs=jobs, coming=coming, clock=clock))
        if settings.learning.watch
        else None
    )
    for account in settings.account:
        mailboxes.add(account, watchers)
    wiring = _Wiring(
        settings, paths, store, mailboxes, sources, gate, backend, stages, jobs, watchers, coming, estimates,
        clock, histories,
    )  # fmt: skip
    services = _services(wiring)
    socket = paths.socket if settings.server.listen == "unix" else None
    server = Server(services, endpoint_file=paths.endpoint, socket=socket)
    return App(server, services, jobs, watchers, backend, gate, store, histories)


async def _discard(store: Store, paths: Paths, agent_id: AgentId) -> None:
    """Deletes an agent with its files."""
    store.agents.delete(agent_id)
    await asyncio.to_thread(shutil.rmtree, paths.adapters / agent_id, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class _Wiring:
    """What the services are made of."""

    settings: Settings
    paths: Paths
    store: Store
    mailboxes: Mailboxes
    sources: Sources
    gate: Gate
    backend: TrainerBackend
    stages: Stages
    jobs: Jobs
    watchers: Watchers | None
    coming: Coming
    estimates: Estimates
    clock: SystemClock
    histories: Histories


def _services(w: _Wiring) -> Services:
    learning = Learning(
        w.store,
        w.jobs,
        w.stages,
        w.sources,
        model=w.gate,
        price=cost_usd,
        price_known=known,
        leaving=w.gate.leaving,
        foresee=w.estimates.training,
    )
    proposer = Proposer(w.store.learning, w.store.agents, w.backend, w.histories)

    def adapter(agent_id: AgentId) -> Path:
        return w.paths.adapters / agent_id

    checks = Checks(
        w.store.corpus, w.store.mailboxes, w.sources, w.mailboxes.outside, w.settings.learning.min_mails
    )
    accounts = Accounts(w.store.corpus, w.store.mailboxes, w.sources, w.jobs, w.watchers, checks, w.coming)

    return Services(
        accounts=accounts,
        setup=AccountSetup(w.paths, w.mailboxes, w.watchers, accounts.state),
        learning=learning,
        rules=Rules(w.store, w.sources, OfflineModel()),
        agents=Agents(w.store, w.sources, w.clock, adapter),
        drafts=Drafts(
            w.store.corpus,
            w.sources,
            proposer,
            w.store.writing,
            model=w.gate,
            clock=w.clock,
            histories=w.histories,
        ),
        saver=DraftSaver(w.sources, w.mailboxes.drafts, w.clock),
        privacy=Privacy(
            w.store,
            w.sources,
            w.clock,
            destination=w.gate.destination,
            leaving=w.gate.leaving,
            shown=learning.shown,
            adapter=adapter,
            folders=(w.paths.trainingsets, w.paths.adapters, w.paths.relayed),
            quiet=w.jobs.cancel_all,
            know_again=w.mailboxes.know_again,
        ),
        daemon=Daemon(
            version=metadata.version("ownhand"),
            started_at=w.clock.now(),
            model=w.gate.name,
            destination=w.gate.destination,
            backend=w.settings.agent.backend,
            n_accounts=lambda: len(w.store.corpus.accounts()),
            n_running_jobs=w.jobs.n_running,
            data_folder=w.paths.data,
            log_file=w.paths.log_file,
        ),
    )


def _pace(settings: Settings) -> Pace:
    learning = settings.learning
    return Pace(
        min_mails=learning.min_mails,
        new_mails=learning.new_mails,
        max_age=timedelta(days=learning.max_age_days),
        min_interval=timedelta(hours=learning.min_interval_hours),
    )


def _gate(settings: Settings, store: Store, clock: SystemClock) -> Gate:
    return Gate(
        _large_model(settings.model, clock),
        policy=store.privacy,
        ledger=store.privacy,
        clock=clock,
        price=cost_usd,
        monthly_limit_usd=settings.model.monthly_limit_usd,
        pseudonyms=settings.model.pseudonyms,
        batching=settings.model.batch,
    )


def _large_model(model: ModelSettings, clock: SystemClock) -> LargeModel:
    key = password_reader(model.api_key.spec, f"model/{model.kind}") if model.api_key else None
    match model.kind:
        case "anthropic":
            return AnthropicModel(model.name, key or _no_key, base_url=model.base_url, clock=clock)
        case "openai":
            return OpenAIModel(model.name, model.base_url, key, clock=clock)
    return OfflineModel()


def _no_key() -> str:
    raise NotReady(
        "there is no key for the large model",
        hint="say where it is: api_key = { keyring = true } under [model] in the configuration",
    )


def _backend(settings: Settings, paths: Paths, estimates: Estimates) -> TrainerBackend:
    return TrainerBackend(
        settings.trainer.python or sys.executable,
        paths.adapters,
        paths.runtime,
        folder_of(settings.agent.base, paths.models),
        settings.agent.backend,
        idle_s=settings.agent.idle_s,
        max_steps=settings.agent.max_steps,
        threads=settings.agent.threads,
        others=estimates.others,
    )
