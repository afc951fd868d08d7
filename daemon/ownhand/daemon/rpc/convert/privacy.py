"""The never-learn list, the ledger, and how the daemon is."""

from ownhand.daemon.domain import (
    DaemonState,
    EgressEntry,
    NeverEntry,
    NeverKind,
)
from ownhand.daemon.errors import Invalid
from ownhand.daemon.rpc.convert import to_timestamp
from ownhand.v1 import (
    daemon_pb2,
    privacy_pb2,
)


def never_to_proto(entry: NeverEntry) -> privacy_pb2.NeverEntry:
    return privacy_pb2.NeverEntry(kind=f"NEVER_KIND_{entry.kind.name}", what=entry.what)


def never_from_proto(entry: privacy_pb2.NeverEntry) -> NeverEntry:
    """As it is compared: lower case, and a domain without its "@". Raises Invalid."""
    what = entry.what.strip()
    if entry.kind not in privacy_pb2.NeverKind.values()[1:] or not what:
        raise Invalid("say what is never learned from", fields={"entry": "needs a kind and what it is"})
    kind = NeverKind[privacy_pb2.NeverKind.Name(entry.kind).removeprefix("NEVER_KIND_")]
    if kind is NeverKind.PERSON and not all(what.partition("@")):
        raise Invalid("a person is named by a mail address", fields={"entry.what": "must be a mail address"})
    return NeverEntry(kind, what if kind is NeverKind.FOLDER else what.lower().removeprefix("@"))


def egress_to_proto(entry: EgressEntry) -> privacy_pb2.EgressEntry:
    return privacy_pb2.EgressEntry(
        time=to_timestamp(entry.at),
        destination=entry.destination,
        template=entry.template,
        input_tokens=entry.input_tokens,
        output_tokens=entry.output_tokens,
        cost_usd=entry.cost_usd,
        n_bytes=entry.n_bytes,
    )


def status_to_proto(state: DaemonState) -> daemon_pb2.GetStatusResponse:
    return daemon_pb2.GetStatusResponse(
        version=state.version,
        pid=state.pid,
        start_time=to_timestamp(state.started_at),
        model=state.model,
        destination=state.destination,
        backend=state.backend,
        n_accounts=state.n_accounts,
        n_running_jobs=state.n_running_jobs,
        memory_bytes=state.memory_bytes,
        data_folder=state.data_folder,
        log_file=state.log_file,
    )
