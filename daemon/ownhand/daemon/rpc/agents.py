"""AgentService over `asks.Agents`."""

from typing import Any

from ownhand.daemon.domain import AccountName, AgentId
from ownhand.daemon.rpc import asks
from ownhand.daemon.rpc.convert import required
from ownhand.daemon.rpc.convert.rules import agent_to_proto
from ownhand.v1 import agents_pb2 as pb
from ownhand.v1 import agents_pb2_grpc


class AgentServicer(agents_pb2_grpc.AgentServiceServicer):
    def __init__(self, agents: asks.Agents) -> None:
        self._agents = agents

    async def ListAgents(self, request: pb.ListAgentsRequest, context: Any) -> pb.ListAgentsResponse:
        agents = self._agents.list(AccountName(request.account) if request.account else None)
        return pb.ListAgentsResponse(agents=map(agent_to_proto, agents))

    async def GetAgent(self, request: pb.GetAgentRequest, context: Any) -> pb.GetAgentResponse:
        required(request, "agent_id")
        agent = self._agents.get(AgentId(request.agent_id))
        return pb.GetAgentResponse(agent=agent_to_proto(agent))

    async def PromoteAgent(self, request: pb.PromoteAgentRequest, context: Any) -> pb.PromoteAgentResponse:
        required(request, "agent_id")
        agent = self._agents.promote(AgentId(request.agent_id))
        return pb.PromoteAgentResponse(agent=agent_to_proto(agent))

    async def DeleteAgent(self, request: pb.DeleteAgentRequest, context: Any) -> pb.DeleteAgentResponse:
        required(request, "agent_id")
        await self._agents.delete(AgentId(request.agent_id))
        return pb.DeleteAgentResponse()
