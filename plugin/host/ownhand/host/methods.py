"""What a plugin may ask of the daemon: methods of `ownhand.v1` by name, with their message types."""

from collections.abc import Iterator
from dataclasses import dataclass

from google.protobuf import symbol_database
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from ownhand.v1 import (
    accounts_pb2,
    agents_pb2,
    daemon_pb2,
    drafts_pb2,
    learning_pb2,
    privacy_pb2,
    rules_pb2,
)

# All that a page of the plugin shows or does. Not ImportMail: it reads any file of this machine.
ALLOWED = {
    "AccountService": ["ListAccounts", "CheckAccount", "AddAccount", "RemoveAccount", "UpdateAccount"],
    "LearningService": [
        "GetCorpus", "PlanLearning", "StartLearning", "GetJob", "ListJobs", "WatchJob", "WatchJobs",
        "CancelJob",
    ],
    "RuleService": ["ListRules", "UpdateRule", "TryRule", "DeleteRule"],
    "AgentService": ["ListAgents", "GetAgent", "PromoteAgent", "DeleteAgent"],
    "DraftService": ["ComposeDraft", "RecordOutcome", "RecordSent", "ListOutcomes", "SaveDraft"],
    "PrivacyService": [
        "ListEgress", "PreviewEgress", "SetPolicy", "Forget", "ListNever", "AddNever", "RemoveNever",
        "EraseData",
    ],
    "DaemonService": ["GetStatus"],
}  # fmt: skip
_FILES = (accounts_pb2, agents_pb2, daemon_pb2, drafts_pb2, learning_pb2, privacy_pb2, rules_pb2)


@dataclass(frozen=True, slots=True)
class Method:
    """One method as grpc needs it."""

    path: str  # "/ownhand.v1.RuleService/ListRules"
    request: type[Message]
    response: type[Message]
    streams: bool  # answers come one by one


def known() -> dict[str, Method]:
    """The allowed methods, as "RuleService/ListRules"."""
    return {f"{service}/{method.name}": _method(method) for service, method in _allowed()}


def _allowed() -> Iterator[tuple[str, MethodDescriptor]]:
    services = {name: s for file in _FILES for name, s in file.DESCRIPTOR.services_by_name.items()}
    for service, names in ALLOWED.items():
        for name in names:
            yield service, services[service].methods_by_name[name]


def _method(method: MethodDescriptor) -> Method:
    symbol_database.Default()  # message classes come from the default pool
    return Method(
        path=f"/{method.containing_service.full_name}/{method.name}",
        request=GetMessageClass(method.input_type),
        response=GetMessageClass(method.output_type),
        streams=method.server_streaming,
    )
