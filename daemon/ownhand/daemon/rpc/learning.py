"""LearningService over `asks.Learning`."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from ownhand.daemon.domain import AccountName, JobId
from ownhand.daemon.rpc import asks
from ownhand.daemon.rpc.convert import page_size, required
from ownhand.daemon.rpc.convert.learning import corpus_to_proto, job_to_proto, plan_to_proto, stage_from_proto
from ownhand.daemon.rpc.latest import latest
from ownhand.v1 import learning_pb2 as pb
from ownhand.v1 import learning_pb2_grpc


class LearningServicer(learning_pb2_grpc.LearningServiceServicer):
    def __init__(self, learning: asks.Learning) -> None:
        self._learning = learning

    async def GetCorpus(self, request: pb.GetCorpusRequest, context: Any) -> pb.GetCorpusResponse:
        required(request, "account")
        return corpus_to_proto(self._learning.corpus(AccountName(request.account)))

    async def PlanLearning(self, request: pb.PlanLearningRequest, context: Any) -> pb.PlanLearningResponse:
        required(request, "account")
        until = stage_from_proto(request.until)
        return plan_to_proto(await self._learning.plan(AccountName(request.account), until))

    async def StartLearning(self, request: pb.StartLearningRequest, context: Any) -> pb.StartLearningResponse:
        required(request, "account")
        until = stage_from_proto(request.until)
        job = await self._learning.start(AccountName(request.account), until, asked_by="person")
        return pb.StartLearningResponse(job=job_to_proto(job))

    async def GetJob(self, request: pb.GetJobRequest, context: Any) -> pb.GetJobResponse:
        required(request, "job_id")
        return pb.GetJobResponse(job=job_to_proto(self._learning.job(JobId(request.job_id))))

    async def ListJobs(self, request: pb.ListJobsRequest, context: Any) -> pb.ListJobsResponse:
        account = AccountName(request.account) if request.account else None
        jobs = self._learning.jobs(account, page_size(request.page_size, default=20, most=200))
        return pb.ListJobsResponse(jobs=map(job_to_proto, jobs))

    async def WatchJob(
        self, request: pb.WatchJobRequest, context: Any
    ) -> AsyncGenerator[pb.WatchJobResponse, None]:
        required(request, "job_id")
        async with aclosing(latest(self._learning.watch(JobId(request.job_id)))) as jobs:
            async for job in jobs:
                yield pb.WatchJobResponse(job=job_to_proto(job))

    async def WatchJobs(
        self, request: pb.WatchJobsRequest, context: Any
    ) -> AsyncGenerator[pb.WatchJobsResponse, None]:
        account = AccountName(request.account) if request.account else None
        limit = page_size(request.page_size, default=20, most=200)
        async with aclosing(latest(self._learning.watch_all(account, limit))) as states:
            async for jobs in states:
                yield pb.WatchJobsResponse(jobs=map(job_to_proto, jobs))

    async def CancelJob(self, request: pb.CancelJobRequest, context: Any) -> pb.CancelJobResponse:
        required(request, "job_id")
        job = await self._learning.cancel(JobId(request.job_id))
        return pb.CancelJobResponse(job=job_to_proto(job))
