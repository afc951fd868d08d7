"""AgentService over `asks.Agents`."""

from typing import Any

from ownhand.daemon.domain import AccountName, AgentId
from ownhand.daemon.rpc import asks, convert
from ownhand.v1 import agents_pb2 as pb
from ownhand.v1 import agents_pb2_grpc


class AgentServicer(agents_pb2_grpc.AgentServiceServicer):
    def __init__(self, agents: asks.Agents) -> None:
        self._agents = agents

    async def ListAgents(self, request: pb.ListAgentsRequest, context: Any) -> pb.ListAgentsResponse:
        agents = self._agents.list(AccountName(request.account) if request.account else None)
        return pb.ListAgentsResponse(agents=map(convert.agent_to_proto, agents))

    async def GetAgent(self, request: pb.GetAgentRequest, context: Any) -> pb.GetAgentResponse:
        convert.required(request, "agent_id")
        agent = self._agents.get(AgentId(request.agent_id))
        return pb.GetAgentResponse(agent=convert.agent_to_proto(agent))

    async def PromoteAgent(self, request: pb.PromoteAgentRequest, context: Any) -> pb.PromoteAgentResponse:
        convert.required(request, "agent_id")
        agent = self._agents.promote(AgentId(request.agent_id))
        return pb.PromoteAgentResponse(agent=convert.agent_to_proto(agent))

    async def DeleteAgent(self, request: pb.DeleteAgentRequest, context: Any) -> pb.DeleteAgentResponse:
        convert.required(request, "agent_id")
        await self._agents.delete(AgentId(request.agent_id))
        return pb.DeleteAgentResponse()
