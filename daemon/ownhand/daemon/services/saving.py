"""Puts a draft where the person's mail programs look for drafts: an answer, or a new mail. Never sends."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from ownhand.daemon.domain import AccountName, Correspondent, Saved, SaveRequest
from ownhand.daemon.errors import Invalid, NotFound
from ownhand.daemon.mail.compose import Envelope, compose, message_id_of, reply_envelope
from ownhand.daemon.mail.mime import Message, read_message
from ownhand.daemon.ports import Clock, DraftsFolder
from ownhand.daemon.services.sources import Sources

OpenDrafts = Callable[[], tuple[DraftsFolder, str]]


class DraftSaver:
    """One Drafts folder per account that has a server."""

    def __init__(self, sources: Sources, folders: Mapping[AccountName, OpenDrafts], clock: Clock) -> None:
        self._sources = sources
        self._folders = folders
        self._clock = clock

    async def save(self, request: SaveRequest) -> Saved:
        self._sources.person(request.account)
        if request.account not in self._folders:
            raise Invalid(
                "this account has no IMAP server, and so no Drafts folder",
                hint="copy the draft from `ownhand draft`",
                fields={"account": "has no server"},
            )
        if not request.text.strip():
            raise Invalid("there is no text to save", fields={"text": "must not be empty"})
        folder, name = self._folders[request.account]()
        try:
            answered = await self._answered(request, folder)
            envelope = self._envelope(request, answered)
            message_id = message_id_of(request.draft_id, request.text, envelope.sender)
            raw = compose(
                request.text, envelope, answered=answered, quote=request.quote,
                message_id=message_id, at=self._clock.now(),
            )  # fmt: skip
            return await folder.save_draft(raw, message_id, folder=name)
        finally:
            await folder.aclose()

    async def _answered(self, request: SaveRequest, folder: DraftsFolder) -> Message | None:
        if request.answered:
            return read_message(request.answered)
        if not request.answered_id:
            return None
        found = await folder.answered([request.answered_id])
        if request.answered_id not in found:
            raise NotFound(
                "the mail that is answered was not found in the inbox or the archive",
                hint="give it as a file: `ownhand draft --save --reply-to FILE`",
            )
        return found[request.answered_id]

    def _envelope(self, request: SaveRequest, answered: Message | None) -> Envelope:
        person = self._sources.person(request.account)
        identities: list[Correspondent] = [
            person, *(one.person for one in self._sources.identities(request.account)[1:])
        ]  # fmt: skip
        if answered is None:
            return Envelope(person, request.to, request.cc, request.subject)
        envelope = reply_envelope(answered, identities, everyone=request.reply_all)
        return replace(
            envelope,
            to=request.to or envelope.to,
            cc=request.cc or envelope.cc,
            subject=request.subject or envelope.subject,
        )
