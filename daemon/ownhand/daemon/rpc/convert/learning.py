"""Stages, plans and jobs."""

from ownhand.daemon.domain import (
    CorpusCounts,
    JobState,
    Plan,
    Stage,
)
from ownhand.daemon.errors import Invalid
from ownhand.daemon.rpc.convert import to_timestamp
from ownhand.v1 import (
    learning_pb2,
)


def stage_from_proto(stage: "learning_pb2.Stage") -> Stage:
    """Unspecified means all of them."""
    if stage == learning_pb2.STAGE_UNSPECIFIED:
        return Stage.PROMOTE
    if stage not in learning_pb2.Stage.values():
        raise Invalid("there is no such stage", fields={"until": "is not a stage"})
    return Stage[learning_pb2.Stage.Name(stage).removeprefix("STAGE_")]


def stage_to_proto(stage: Stage) -> str:
    return f"STAGE_{stage.name}"


def corpus_to_proto(corpus: CorpusCounts) -> learning_pb2.GetCorpusResponse:
    return learning_pb2.GetCorpusResponse(
        n_originals=corpus.n_originals,
        n_intents=corpus.n_intents,
        n_zero_shot_drafts=corpus.n_zero_shot_drafts,
        n_rules=corpus.n_rules,
        n_examples=corpus.n_examples,
        n_skipped=corpus.n_skipped,
        n_by_language=corpus.n_by_language,
        n_by_recipient_kind=corpus.n_by_recipient_kind,
    )


def plan_to_proto(plan: Plan) -> learning_pb2.PlanLearningResponse:
    return learning_pb2.PlanLearningResponse(
        stages=[
            learning_pb2.PlannedStage(
                stage=stage_to_proto(planned.stage),
                n_items=planned.n_items,
                n_calls=planned.n_calls,
                input_tokens=planned.input_tokens,
                output_tokens=planned.output_tokens,
                cost_usd=planned.cost_usd,
                duration_s=planned.duration_s,
                memory_bytes=planned.memory_bytes,
            )
            for planned in plan.stages
        ],
        destination=plan.destination,
        consent_needed=plan.consent_needed,
        samples=plan.samples,
        n_missing=plan.n_missing,
        price_unknown=plan.price_unknown,
        plan_id=plan.id,
    )


def job_to_proto(job: JobState) -> learning_pb2.Job:
    return learning_pb2.Job(
        id=job.id,
        account=job.account,
        state=f"JOB_STATE_{job.phase.name}",
        stages=[
            learning_pb2.StageProgress(
                stage=stage_to_proto(s.stage),
                done=s.done,
                total=s.total,
                n_failed=s.n_failed,
                left_s=s.left_s,
                memory_bytes=s.memory_bytes,
            )
            for s in job.stages
        ],
        start_time=to_timestamp(job.started_at),
        end_time=to_timestamp(job.ended_at),
        message=job.message,
        reason=f"ERROR_REASON_{job.reason}" if job.reason else "",
        asked_by=job.asked_by,
        training=[
            learning_pb2.TrainingPoint(step=p.step, loss=p.loss, valid_loss=p.valid_loss)
            for p in job.training
        ],
        agent_id=job.agent_id,
    )
