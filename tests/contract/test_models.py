"""What every large model keeps to, and what the two that are reached over a network make of a bad day."""

import asyncio
import traceback
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import model_servers as servers
import pytest
from invented import ANA, BOB
from model_servers import serving, stalled, status, stream
from ownhand.daemon.domain import Completion, DistilTask, DraftTask, Letter, Prompt, RecipientKind
from ownhand.daemon.errors import Invalid, LimitReached, LoginFailed, OwnhandError, Unreachable
from ownhand.daemon.model.anthropic import AnthropicModel
from ownhand.daemon.model.offline import OfflineModel
from ownhand.daemon.model.openai import OpenAIModel
from ownhand.daemon.ports import LargeModel, complete

KEY = "sk-not-to-be-seen-0123456789"
LETTER = Letter(ANA, (BOB,), RecipientKind.COLLEAGUE, subject="Kiln")
DRAFT = Prompt(
    "draft@1", "Write a mail.", "Say: the kiln is fixed.", DraftTask(("The kiln is fixed.",), LETTER)
)
SECRET = "quoting the prompt"


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> datetime:
        return datetime(2026, 3, 1, 12, 0, tzinfo=UTC) + timedelta(seconds=sum(self.slept))

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)


@dataclass(frozen=True)
class Dialect:
    """One of the two that are reached over a network, with the wire format it speaks."""

    make: Callable[..., LargeModel]
    events: Callable[..., list[bytes]]

    def model(self, url: str, clock: Clock | None = None, timeout_s: float = 5.0) -> LargeModel:
        return self.make(url, clock or Clock(), timeout_s)

    def error(self, kind: str) -> dict[str, object]:
        return {"type": "error", "error": {"type": kind, "code": kind, "message": f"{SECRET} {KEY}"}}


def _anthropic(url: str, clock: Clock, timeout_s: float) -> LargeModel:
    return AnthropicModel("claude-test", lambda: KEY, base_url=url, timeout_s=timeout_s, clock=clock)


def _openai(url: str, clock: Clock, timeout_s: float) -> LargeModel:
    return OpenAIModel("gpt-test", f"{url}/v1", lambda: KEY, timeout_s=timeout_s, clock=clock)


ANTHROPIC = Dialect(_anthropic, servers.anthropic_events)
OPENAI = Dialect(_openai, servers.openai_events)


@pytest.fixture(params=[ANTHROPIC, OPENAI], ids=["anthropic", "openai"])
def dialect(request: pytest.FixtureRequest) -> Dialect:
    assert isinstance(request.param, Dialect)
    return request.param


@pytest.fixture(params=[ANTHROPIC, OPENAI, None], ids=["anthropic", "openai", "offline"])
async def model(request: pytest.FixtureRequest) -> AsyncGenerator[LargeModel, None]:
    if request.param is None:
        yield OfflineModel()
        return
    async with serving(stream(*request.param.events("Hi Bob,\n", "the kiln ", "is fixed."))) as server:
        found = request.param.model(server.url)
        yield found
        await found.aclose()


async def _all(model: LargeModel, prompt: Prompt = DRAFT) -> tuple[list[str], list[Completion]]:
    pieces = [piece async for piece in model.stream(prompt)]
    texts = [piece for piece in pieces if isinstance(piece, str)]
    return texts, [piece for piece in pieces if isinstance(piece, Completion)]


async def _fault(model: LargeModel) -> OwnhandError:
    """What asking raises; whatever it is, it holds neither the key nor what the server said."""
    with pytest.raises(OwnhandError) as caught:
        await complete(model, DRAFT)
    seen = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + repr(model)
    assert KEY not in seen and SECRET not in seen and DRAFT.text not in seen
    await model.aclose()
    return caught.value


# --- all three ---------------------------------------------------------------------------------------


async def test_an_answer_comes_in_pieces_and_then_once_as_a_whole(model: LargeModel) -> None:
    pieces, completions = await _all(model)
    assert len(pieces) > 1 and len(completions) == 1
    assert "".join(pieces) == completions[0].text and "kiln is fixed" in completions[0].text


async def test_a_completion_says_which_model_and_template_made_it_and_of_how_much(model: LargeModel) -> None:
    completion = await complete(model, DRAFT)
    assert (completion.model, completion.template) == (model.name, "draft@1")
    assert completion.input_tokens > 0 and completion.output_tokens > 0


async def test_nothing_is_remembered_between_questions(model: LargeModel) -> None:
    assert await complete(model, DRAFT) == await complete(model, DRAFT)


async def test_an_answer_may_be_left_in_the_middle_and_the_next_one_is_whole(model: LargeModel) -> None:
    async with aclosing(model.stream(DRAFT)) as pieces:  # type: ignore[type-var]  # a generator
        await anext(pieces)
    assert "kiln is fixed" in (await complete(model, DRAFT)).text


async def test_several_questions_may_be_open_at_once(model: LargeModel) -> None:
    answers = await asyncio.gather(*(complete(model, DRAFT) for _ in range(4)))
    assert len(set(answers)) == 1


async def test_it_says_where_prompts_go_and_may_be_closed_twice(model: LargeModel) -> None:
    assert model.destination == "nowhere" or model.destination.startswith("http://127.0.0.1:")
    assert model.samples is (model.destination != "nowhere")
    await model.aclose()
    await model.aclose()


# --- the two on a network ----------------------------------------------------------------------------


async def test_the_instructions_and_the_question_are_sent_and_the_task_is_not(dialect: Dialect) -> None:
    async with serving(stream(*dialect.events("Done."))) as server:
        model = dialect.model(server.url)
        await complete(model, DRAFT)
        await model.aclose()
    sent = str(server.asked[0].body)
    assert DRAFT.system in sent and DRAFT.text in sent
    assert BOB.address not in sent and LETTER.subject not in sent


def test_no_key_is_read_before_the_first_question() -> None:
    def key() -> str:
        raise AssertionError("the key was read")

    AnthropicModel("claude-test", key, clock=Clock())
    OpenAIModel("gpt-test", "http://127.0.0.1:9/v1", key, clock=Clock())


async def test_an_answer_that_ran_into_the_limit_of_tokens_is_known_to_be_cut(dialect: Dialect) -> None:
    for cut in (True, False):
        async with serving(stream(*dialect.events("Hi Bob,\nthe", cut=cut))) as server:
            model = dialect.model(server.url)
            assert (await complete(model, DRAFT)).cut is cut
            await model.aclose()


async def test_thoughts_are_no_part_of_an_answer(dialect: Dialect) -> None:
    async with serving(stream(*dialect.events("Hi ", "Bob.", thought="Who is Bob?"))) as server:
        model = dialect.model(server.url)
        pieces, completions = await _all(model)
        await model.aclose()
    assert pieces == ["Hi ", "Bob."] and completions[0].text == "Hi Bob."


@pytest.mark.parametrize(
    ("code", "kind", "expected"),
    [
        (400, "invalid_request_error", Invalid),
        (401, "authentication_error", LoginFailed),
        (402, "billing_error", LimitReached),
        (403, "permission_error", LoginFailed),
        (404, "not_found_error", Invalid),
        (413, "request_too_large", Invalid),
        (500, "api_error", Unreachable),
        (529, "overloaded_error", Unreachable),
    ],
)
async def test_a_refusal_is_told_by_how_to_react_to_it(
    dialect: Dialect, code: int, kind: str, expected: type[OwnhandError]
) -> None:
    async with serving(status(code, dialect.error(kind))) as server:
        assert type(await _fault(dialect.model(server.url))) is expected


async def test_a_busy_server_is_asked_again_after_the_wait_it_names(dialect: Dialect) -> None:
    clock = Clock()
    busy = status(429, dialect.error("rate_limit_error"), retry_after="3")
    async with serving(busy, stream(*dialect.events("Done."))) as server:
        model = dialect.model(server.url, clock)
        assert (await complete(model, DRAFT)).text == "Done."
        await model.aclose()
    assert clock.slept == [3.0] and len(server.asked) == 2


async def test_a_server_that_names_a_long_wait_is_not_waited_for(dialect: Dialect) -> None:
    clock = Clock()
    async with serving(status(429, dialect.error("rate_limit_error"), retry_after="3600")) as server:
        fault = await _fault(dialect.model(server.url, clock))
    assert isinstance(fault, Unreachable) and fault.retry_after_s == 3600.0
    assert clock.slept == [] and len(server.asked) == 1


async def test_an_overloaded_server_is_asked_three_times(dialect: Dialect) -> None:
    async with serving(status(529, dialect.error("overloaded_error"))) as server:
        assert isinstance(await _fault(dialect.model(server.url)), Unreachable)
    assert len(server.asked) == 3


async def test_a_refused_login_is_not_tried_again(dialect: Dialect) -> None:
    async with serving(status(401, dialect.error("authentication_error"))) as server:
        await _fault(dialect.model(server.url))
    assert len(server.asked) == 1


async def test_a_server_that_falls_silent_is_given_up(dialect: Dialect) -> None:
    async with serving(stalled(*dialect.events("Hi ", "Bob.")[:3])) as server:
        fault = await _fault(dialect.model(server.url, timeout_s=0.2))
    assert isinstance(fault, Unreachable) and "too long" in fault.message


@pytest.mark.parametrize("broken", [True, False], ids=["in mid-air", "politely"])
async def test_an_answer_that_is_cut_off_is_not_taken_for_a_whole_one(dialect: Dialect, broken: bool) -> None:
    async with serving(stream(*dialect.events("Hi ", "Bob.")[:-3], broken=broken)) as server:
        model = dialect.model(server.url)
        pieces: list[str | Completion] = []
        with pytest.raises(Unreachable):
            async for piece in model.stream(DRAFT):
                pieces.append(piece)
        await model.aclose()
    assert pieces and not any(isinstance(piece, Completion) for piece in pieces)


@pytest.mark.parametrize(
    "nonsense",
    [
        status(200, "<html>Sign in to this network</html>", Content_Type="text/html"),
        stream(b"event: message_start\ndata: {oh no\n\n"),
        stream(b"event: message_start\ndata: \xff\xfe\n\n"),
        stream(),
    ],
    ids=["a web page", "no JSON", "no text", "nothing"],
)
async def test_nonsense_is_told_from_an_answer(dialect: Dialect, nonsense: servers.Answer) -> None:
    async with serving(nonsense) as server:
        assert isinstance(await _fault(dialect.model(server.url)), Unreachable)


async def test_a_server_that_is_not_there_is_unreachable(dialect: Dialect) -> None:
    async with serving(status(200)) as server:
        url = server.url
    assert isinstance(await _fault(dialect.model(url)), Unreachable)


async def test_text_is_not_sent_on_to_where_a_server_points(dialect: Dialect) -> None:
    async with serving(stream(*dialect.events("Done."))) as other:
        answer = status(307, location=f"{other.url}/v1/messages")
        async with serving(answer) as server:
            assert isinstance(await _fault(dialect.model(server.url)), Invalid)
    assert other.asked == []


async def test_a_key_that_cannot_be_one_is_refused_without_being_shown() -> None:
    model = AnthropicModel(
        "claude-test", lambda: f"{KEY}\nmore", base_url="http://127.0.0.1:9", clock=Clock()
    )
    assert isinstance(await _fault(model), LoginFailed)


async def test_leaving_an_answer_closes_the_connection(dialect: Dialect) -> None:
    async with serving(stalled(*dialect.events("Hi ", "Bob.")[:4])) as server:
        model = dialect.model(server.url)
        async with aclosing(model.stream(DRAFT)) as pieces:  # type: ignore[type-var]  # a generator
            await anext(pieces)
        await asyncio.wait_for(server.gone.wait(), 5)
        await model.aclose()


async def test_cancelling_the_task_that_waits_closes_the_connection(dialect: Dialect) -> None:
    async with serving(stalled(*dialect.events("Hi ", "Bob.")[:4])) as server:
        model = dialect.model(server.url)
        begun = asyncio.Event()

        async def read() -> None:
            async with aclosing(model.stream(DRAFT)) as pieces:  # type: ignore[type-var]  # a generator
                async for _ in pieces:
                    begun.set()

        task = asyncio.create_task(read())
        await asyncio.wait_for(begun.wait(), 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(server.gone.wait(), 5)
        await model.aclose()


async def test_the_environment_changes_neither_where_text_goes_nor_with_which_key(
    dialect: Dialect, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ANTHROPIC", "OPENAI"):
        monkeypatch.setenv(f"{name}_BASE_URL", "http://127.0.0.1:9")
        monkeypatch.setenv(f"{name}_API_KEY", "another")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-mine")
    async with serving(stream(*dialect.events("Done."))) as server:
        model = dialect.model(server.url)
        await complete(model, DRAFT)
        await model.aclose()
    headers = server.asked[0].headers
    assert KEY in headers.get("authorization", "") + headers.get("x-api-key", "")
    assert "openai-organization" not in headers


# --- Anthropic alone ---------------------------------------------------------------------------------


async def test_anthropic_caches_the_instructions_and_is_sent_no_temperature() -> None:
    prompt = Prompt("intent@1", "Say what it says.", "Hi", DistilTask("Hi", LETTER), 512, temperature=1.3)
    async with serving(stream(*servers.anthropic_events("Done."))) as server:
        model = ANTHROPIC.model(server.url)
        completion = await complete(model, prompt)
        await model.aclose()
    body = server.asked[0].body
    assert body["system"][0]["cache_control"] == {"type": "ephemeral"}
    assert "temperature" not in body and body["max_tokens"] > 512
    assert (completion.input_tokens, completion.output_tokens) == (27, 9)  # 7 fresh and 20 from the cache


@pytest.mark.parametrize(
    ("kind", "expected"), [("overloaded_error", Unreachable), ("authentication_error", LoginFailed)]
)
async def test_an_error_in_the_middle_of_a_stream_is_told_by_its_type(
    kind: str, expected: type[OwnhandError]
) -> None:
    events = [*servers.anthropic_events("Hi ")[:4], servers.anthropic_error(kind)]
    async with serving(stream(*events)) as server:
        assert type(await _fault(ANTHROPIC.model(server.url))) is expected


def _batching(url: str, clock: Clock) -> AnthropicModel:
    return AnthropicModel("claude-test", lambda: KEY, base_url=url, timeout_s=5, clock=clock)


async def test_a_batch_gives_every_prompt_its_answer_or_its_fault() -> None:
    ended = servers.batch_state("ended", "SERVER/v1/messages/batches/msgbatch_1/results")
    results = servers.batch_results(
        ("prompt-2", servers.batch_errored("invalid_request_error")),
        ("prompt-0", servers.batch_succeeded("First.")),
        ("prompt-1", {"type": "expired"}),
    )
    clock = Clock()
    going = servers.batch_state("in_progress")
    async with serving(going, going, ended, ended, results) as server:
        model = _batching(server.url, clock)
        answers = {n: answer async for n, answer in model.batch([DRAFT, DRAFT, DRAFT])}
        await model.aclose()
    assert answers[0] == Completion("First.", "claude-test", "draft@1", 5, 2)
    assert isinstance(answers[1], Unreachable) and isinstance(answers[2], Invalid)
    assert SECRET not in repr(answers) and clock.slept == [20.0, 20.0]
    assert [request["custom_id"] for request in server.asked[0].body["requests"]] == [
        "prompt-0", "prompt-1", "prompt-2",
    ]  # fmt: skip


async def test_leaving_a_batch_cancels_it() -> None:
    class Still(Clock):
        async def sleep(self, seconds: float) -> None:
            waiting.set()
            await asyncio.Event().wait()

    waiting = asyncio.Event()
    async with serving(servers.batch_state("in_progress")) as server:
        model = _batching(server.url, Still())
        task = asyncio.ensure_future(anext(model.batch([DRAFT])))
        await asyncio.wait_for(waiting.wait(), 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await model.aclose()
    assert server.asked[-1].path == "/v1/messages/batches/msgbatch_1/cancel"


async def test_the_key_is_not_sent_to_where_the_results_of_a_batch_are_said_to_lie() -> None:
    async with serving(status(200)) as other:
        ended = servers.batch_state("ended", f"{other.url}/results")
        async with serving(servers.batch_state("in_progress"), ended) as server:
            model = _batching(server.url, Clock())
            with pytest.raises(Unreachable):
                await anext(model.batch([DRAFT]))
            await model.aclose()
    assert other.asked == []


# --- OpenAI-compatible servers alone -----------------------------------------------------------------


async def test_a_server_that_refuses_the_extras_is_asked_plainly_from_then_on() -> None:
    answer = stream(*servers.openai_events("Done."))
    async with serving(status(400, OPENAI.error("unknown_field")), answer, answer) as server:
        model = OPENAI.model(server.url)
        assert (await complete(model, DRAFT)).text == "Done."
        assert (await complete(model, DRAFT)).text == "Done."
        await model.aclose()
    assert ["stream_options" in request.body for request in server.asked] == [True, False, False]


async def test_an_empty_account_is_a_limit_and_not_a_rate() -> None:
    async with serving(status(429, OPENAI.error("insufficient_quota"))) as server:
        assert isinstance(await _fault(OPENAI.model(server.url)), LimitReached)


async def test_a_temperature_is_sent_where_there_is_one() -> None:
    prompt = Prompt("intent@1", "Say what it says.", "Hi", DistilTask("Hi", LETTER), temperature=0.9)
    async with serving(stream(*servers.openai_events("Done."))) as server:
        model = OPENAI.model(server.url)
        await complete(model, prompt)
        await complete(model, DRAFT)
        await model.aclose()
    assert server.asked[0].body["temperature"] == 0.9 and "temperature" not in server.asked[1].body


async def test_a_server_without_a_key_is_sent_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "for another server")
    async with serving(stream(*servers.openai_events("Done."))) as server:
        model = OpenAIModel("llama", f"{server.url}/v1", None, clock=Clock())
        assert (await complete(model, DRAFT)).text == "Done."
        await model.aclose()
    assert "authorization" not in server.asked[0].headers


@pytest.mark.parametrize(
    "pieces",
    [
        ("<think>Who is Bob?</think>\n\nHi Bob.",),
        ("<th", "ink>Who is", " Bob?</thi", "nk>", "\n", "\nHi ", "Bob."),
        tuple("<think>a < b</think>Hi Bob."),
        ("Hi <", "b>Bob", "."),
        ("Hi Bob.<", "think>done?"),
    ],
)
async def test_thoughts_between_tags_are_cut_however_they_are_split(pieces: tuple[str, ...]) -> None:
    async with serving(stream(*servers.openai_events(*pieces))) as server:
        model = OPENAI.model(server.url)
        given, completions = await _all(model)
        await model.aclose()
    assert "".join(given) == completions[0].text
    assert completions[0].text in ("Hi Bob.", "Hi <b>Bob.")


async def test_a_thought_whose_beginning_was_not_sent_is_no_part_of_the_completion() -> None:
    async with serving(stream(*servers.openai_events("Who is Bob?", "</think>", "\nHi Bob."))) as server:
        model = OPENAI.model(server.url)
        assert (await complete(model, DRAFT)).text == "Hi Bob."
        await model.aclose()


async def test_an_answer_without_usage_and_without_a_done_line_is_whole() -> None:
    events = [servers.openai_chunk({"content": "Done."}), servers.openai_chunk({}, "stop")]
    async with serving(stream(*events)) as server:
        model = OPENAI.model(server.url)
        completion = await complete(model, DRAFT)
        await model.aclose()
    assert (completion.text, completion.input_tokens) == ("Done.", 0)
