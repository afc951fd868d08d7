"""A look at one account: what its server says, what a sample of its mail would teach, what to look after.

Keeps nothing, and does not move the place up to which the account was read.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from ownhand.daemon.domain import AccountName, Checked, Found, Sample
from ownhand.daemon.learn.sample import n_usable_in_all, of_originals, sample_of, take
from ownhand.daemon.services.sources import Sources
from ownhand.daemon.store.corpus import Corpus
from ownhand.daemon.store.mailboxes import Mailboxes

_MUCH = 0.2  # of a sample


@dataclass(frozen=True, slots=True)
class Outside:
    """What the settings of an account with a server tell a check."""

    cautions: Callable[[], Sequence[str]]  # about its secrets and its certificate; blocks
    look: Callable[[], Awaitable[Found]] | None = None  # at the server behind a relay
    newest: int = 0  # most messages that are read; 0: all
    poll_s: float = 0.0


class Checks:
    def __init__(
        self,
        corpus: Corpus,
        mailboxes: Mailboxes,
        sources: Sources,
        outside: Mapping[AccountName, Outside],
        min_mails: int,
    ) -> None:
        self._corpus = corpus
        self._mailboxes = mailboxes
        self._sources = sources
        self._outside = outside
        self._min_mails = min_mails

    async def check(self, account: AccountName) -> Checked:
        """Raises NotFound, and what signing in and finding the folder raise."""
        self._sources.person(account)
        outside = self._outside.get(account)
        if outside is None:
            return await self._learned(account, self._kind(account), Found("", (), "", 0, ()))
        cautions = await asyncio.to_thread(outside.cautions)
        if outside.look is not None:
            return await self._learned(account, "relay", await outside.look(), cautions)
        return await self._sampled(account, outside, cautions)

    def _kind(self, account: AccountName) -> str:
        return next(kind for name, _, kind in self._corpus.accounts() if name == account)

    async def _sampled(self, account: AccountName, outside: Outside, cautions: Sequence[str]) -> Checked:
        mailbox = self._sources.mailbox(account)
        source = self._sources.servers[account]()
        try:
            found = await source.check()
            mails = await take(source, mailbox, self._corpus) if found.n_messages else []
        finally:
            await source.aclose()
        known = {voice: self._corpus.endings(voice) for voice in mailbox.voices}
        sample = await asyncio.to_thread(sample_of, mails, known) if mails else None
        n_read = min(found.n_messages, outside.newest or found.n_messages)
        return Checked(
            found,
            "imap",
            sample,
            self._known(account, n_read) or (n_usable_in_all(sample, n_read) if sample else 0),
            self._min_mails,
            self._corpus.n_originals(self._sources.voice(account)),
            outside.poll_s,
            (*cautions, *warnings(found, sample)),
        )

    def _known(self, account: AccountName, n_messages: int) -> int:
        """How many can be learned from, when all of the folder has been read; 0 before."""
        n_learned = self._mailboxes.n_placed(account)
        n_seen = n_learned + sum(self._corpus.n_skipped(account).values())
        return n_learned if n_seen >= n_messages else 0

    async def _learned(
        self, account: AccountName, kind: str, found: Found, cautions: Sequence[str] = ()
    ) -> Checked:
        """Where there is no folder to look into, what was learned tells the same, and exactly."""
        originals = self._corpus.originals(self._sources.voice(account))
        sample = of_originals(originals, self._corpus.n_skipped(account))
        return Checked(
            found, kind, sample if sample.n_messages else None, sample.n_usable, self._min_mails,
            sample.n_usable, warnings=tuple(cautions),
        )  # fmt: skip


def warnings(found: Found, sample: Sample | None) -> list[str]:
    """What a person should look at before they rely on this, in sentences. Pure."""
    said = []
    if found.connection is not None and found.connection.pinned:
        said.append("the server's certificate is the one you pinned; nobody else vouches for it")
    if found.other_sent_folders:
        names = " and ".join(f'"{name}"' for name in found.other_sent_folders)
        said.append(
            f'sent mail may be in {names} too; to read that in place of "{found.sent_folder}", write'
            f' sent = "{found.other_sent_folders[0]}"'
        )
    return said + (_about_mail(sample) if sample else [])


def _about_mail(sample: Sample) -> list[str]:
    said = [
        f"{n} of these mails are from {address}, which is none of this account's addresses; if it is yours,"
        f' add it below the account in config.toml: [[account.identity]] address = "{address}"'
        for address, n in sample.other_addresses.items()
    ]
    if not said and sample.n_other_addresses > 1:
        said.append(
            f"this folder has mail from {sample.n_other_addresses} addresses that are not yours:"
            " is it really the one with your sent mail?"
        )
    merged = sample.n_skipped.get("mail merge", 0)
    if merged > _MUCH * sample.n_messages:
        said.append(
            f"{merged} of {sample.n_messages} mails say the same to many people; a program put the names in,"
            " and they are left out"
        )
    return said
