"""Accounts, what a look at one found, and the training that comes."""

from collections.abc import Mapping
from typing import Literal

from ownhand.daemon.domain import (
    AccountName,
    AccountState,
    Checked,
    Connection,
    Correspondent,
    Identity,
    NewAccount,
    NextTraining,
    Sample,
)
from ownhand.daemon.errors import Invalid
from ownhand.daemon.rpc.convert import to_timestamp
from ownhand.v1 import (
    accounts_pb2,
)


def account_to_proto(account: AccountState) -> accounts_pb2.Account:
    return accounts_pb2.Account(
        name=account.name,
        address=account.person.address,
        source=account.source,
        n_originals=account.n_originals,
        n_skipped=account.n_skipped,
        watching=account.watching,
        collect_time=to_timestamp(account.collected_at),
        problem=account.problem,
        voice=account.voice,
        addresses=account.addresses,
        next_training=next_training_to_proto(account.next_training),
        paused=account.paused,
    )


def next_training_to_proto(coming: NextTraining | None) -> accounts_pb2.NextTraining | None:
    if coming is None:
        return None
    return accounts_pb2.NextTraining(
        n_mails=coming.n_mails,
        not_before_time=to_timestamp(coming.not_before),
        at_latest_time=to_timestamp(coming.at_latest),
        duration_s=coming.duration_s,
        memory_bytes=coming.memory_bytes,
    )


def checked_to_proto(checked: Checked) -> accounts_pb2.CheckAccountResponse:
    found = checked.found
    return accounts_pb2.CheckAccountResponse(
        server=found.server,
        capabilities=found.capabilities,
        sent_folder=found.sent_folder,
        n_messages=found.n_messages,
        folders=found.folders,
        source=checked.source,
        connection=_connection_to_proto(found.connection) if found.connection else None,
        found_by=f"FOUND_BY_{found.found_by.name}" if found.found_by else None,
        other_sent_folders=found.other_sent_folders,
        pushes="IDLE" in found.capabilities,
        poll_s=checked.poll_s,
        tells_deletions="QRESYNC" in found.capabilities,
        sample=_sample_to_proto(checked.sample) if checked.sample else None,
        n_usable=checked.n_usable,
        n_needed=checked.n_needed,
        n_learned=checked.n_learned,
        warnings=checked.warnings,
        usable=checked.usable,
        max_message_bytes=found.max_message_bytes,
        relay_running=found.relay_running,
    )


def _connection_to_proto(connection: Connection) -> accounts_pb2.Connection:
    return accounts_pb2.Connection(
        tls=connection.tls, pinned=connection.pinned, mechanism=connection.mechanism
    )


def _sample_to_proto(sample: Sample) -> accounts_pb2.Sample:
    return accounts_pb2.Sample(
        n_messages=sample.n_messages,
        n_usable=sample.n_usable,
        n_skipped=sample.n_skipped,
        n_by_language=sample.n_by_language,
        n_replies=sample.n_replies,
        first_time=to_timestamp(sample.first_at),
        last_time=to_timestamp(sample.last_at),
        other_addresses=sample.other_addresses,
        n_other_addresses=sample.n_other_addresses,
    )


_SECURITY: "Mapping[accounts_pb2.ServerSecurity, Literal['verify', 'starttls', 'plaintext-loopback']]" = {
    accounts_pb2.SERVER_SECURITY_UNSPECIFIED: "verify",
    accounts_pb2.SERVER_SECURITY_TLS: "verify",
    accounts_pb2.SERVER_SECURITY_STARTTLS: "starttls",
    accounts_pb2.SERVER_SECURITY_PLAINTEXT_LOOPBACK: "plaintext-loopback",
}


def new_account_from_proto(request: accounts_pb2.AddAccountRequest) -> NewAccount:
    if request.security not in _SECURITY:
        raise Invalid("security is not known", fields={"security": "is not known"})
    return NewAccount(
        name=AccountName(request.name),
        person=Correspondent(request.address, request.display_name),
        host=request.host,
        port=request.port,
        tls=_SECURITY[request.security],
        tls_pin=request.tls_pin,
        user=request.user,
        sent=request.sent_folder or "auto",
        identities=tuple(
            Identity(Correspondent(one.address, one.display_name), AccountName(one.voice))
            for one in request.identities
        ),
        voice=AccountName(request.voice),
        secret=request.secret,
    )
