"""What a bot's models take is told with its steps, each token once."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from langchain_core.caches import InMemoryCache
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.language_models import FakeListLLM
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import RunnableLambda
from langchain_core.tools import tool
from langgraph.graph import START, StateGraph
from langgraph.types import Command, RetryPolicy

from jorge_data.bots import Publisher
from jorge_data.bots.langgraph import Prices, ProgressHandler, Rule
from tests.bots.graphs import State, ask, fail, line, thread, write
from tests.bots.intake import Intake
from tests.bots.recording import RecordingPublisher

PRICES: Prices = {"gpt-4o": (2.5, 10), "claude-haiku": ("0.80", Decimal("4.00"))}


class Model(BaseChatModel):
    """A chat model without a network, which says what it has used; each call differs from the one before."""

    tokens: tuple[int, int] | None = (1_000, 100)
    answers_as: str | None = "gpt-4o"
    model: str = "gpt-4o"
    candidates: int = 1

    @property
    def _llm_type(self) -> str:
        return "test"

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        named = {"model_name": self.answers_as} if self.answers_as else {}
        message = AIMessage("And the price?", usage_metadata=self._usage(), response_metadata=named)
        return ChatResult(generations=[ChatGeneration(message=message)] * self.candidates)

    def _usage(self) -> UsageMetadata | None:
        if self.tokens is None:
            return None
        tokens_in, tokens_out = self.tokens
        return {
            "input_tokens": tokens_in,
            "output_tokens": tokens_out,
            "total_tokens": tokens_in + tokens_out,
            "input_token_details": {"cache_read": tokens_in // 2},
            "output_token_details": {"reasoning": tokens_out // 2},
        }


class StreamingModel(Model):
    """It says what it has used in its last chunk."""

    def _stream(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> Iterator[ChatGenerationChunk]:
        for text in ("And ", "the ", "price?"):
            yield ChatGenerationChunk(message=AIMessageChunk(content=text))
        last = AIMessageChunk(
            content="", usage_metadata=self._usage(), response_metadata={"model_name": self.answers_as}
        )
        yield ChatGenerationChunk(message=last)


class Retriever(BaseRetriever):
    """It asks a model for another wording."""

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        Model().invoke(query, {"callbacks": run_manager.get_child()})
        return []


class Bot:
    """Runs graphs with a handler, and adds up what it has told."""

    def __init__(self, **options: Any) -> None:
        self.events = RecordingPublisher()
        self.handler = ProgressHandler(self.events, bot_type="seller", **options)

    def config(self, handlers: list[Any] | None = None) -> Any:
        return {**thread(), "callbacks": handlers or [self.handler], "metadata": {"contact_id": "c-1"}}

    def run(self, **nodes: Any) -> "Bot":
        line(**nodes).invoke({}, self.config())
        return self

    @property
    def told(self) -> list[tuple[str, str | None, int, int, str | None]]:
        """Of every event that tells of tokens: status, step, tokens in and out, cost."""
        return [
            (data["status"], data.get("current_step"), data["tokens_in"], data["tokens_out"], data.get("cost_usd"))
            for data in self.events.of("bot_status_update")
            if "tokens_in" in data
        ]


def reply(*models: Any) -> Any:
    """Return a node that asks models, one after the other."""

    def node(state: State) -> State:
        return {"log": [str(model.invoke("A new job in Denver")) for model in models]}

    return node


def test_a_steps_end_has_the_tokens_of_its_models() -> None:
    bot = Bot().run(analyze=reply(Model(tokens=(300, 20)), Model(tokens=(50, 5))), think=write(answered=1))
    assert bot.told == [("processing", "analyze", 350, 25, None)]
    assert bot.handler.open_runs == 0


def test_cost_is_exact_by_the_callers_prices() -> None:
    cheap = Model(tokens=(3, 1), answers_as="claude-haiku")
    bot = Bot(prices=PRICES).run(one=reply(Model(tokens=(1_000, 100))), two=reply(*[cheap] * 10))
    assert bot.told == [
        ("processing", "one", 1_000, 100, "0.0035"),
        ("processing", "two", 30, 10, "0.000064"),
    ]


def test_a_function_may_price_what_is_cached() -> None:
    def price(model: str, usage: Any) -> Decimal:
        cached = Decimal(usage["input_token_details"]["cache_read"])
        dollars: Decimal = (2 * (usage["input_tokens"] - cached) + cached) / 1_000_000
        return dollars

    assert Bot(prices=price).run(one=reply(Model())).told == [("processing", "one", 1_000, 100, "0.0015")]


@pytest.mark.parametrize(
    "unknown",
    [
        pytest.param(Model(answers_as="gpt-5", model="gpt-5"), id="no price"),
        pytest.param(Model(tokens=None), id="no usage"),
        pytest.param(FakeListLLM(responses=["yes"]), id="plain text"),
    ],
)
def test_a_cost_that_is_not_whole_is_not_told(unknown: Any) -> None:
    ((_, _, tokens_in, _, cost),) = Bot(prices=PRICES).run(one=reply(Model(), unknown)).told
    assert tokens_in in (1_000, 2_000)
    assert cost is None


def test_a_model_that_does_not_name_itself_is_priced_as_it_was_asked_for() -> None:
    ((*_, cost),) = Bot(prices=PRICES).run(one=reply(Model(answers_as="gpt-4o-2026-11-20"))).told
    assert cost == "0.0035"
    ((*_, cost),) = Bot(prices=PRICES).run(one=reply(Model(answers_as=None))).told
    assert cost == "0.0035"


def test_candidates_of_one_call_are_one_call() -> None:
    assert Bot().run(one=reply(Model(candidates=3))).told == [("processing", "one", 1_000, 100, None)]


def test_what_comes_out_of_a_cache_takes_no_tokens() -> None:
    model = Model(cache=InMemoryCache())
    bot = Bot(prices=PRICES).run(one=reply(model), two=reply(model))
    assert bot.told == [("processing", "one", 1_000, 100, "0.0035"), ("processing", "two", 0, 0, "0")]


@pytest.mark.parametrize("called", ["chain", "tool", "retriever", "batch"])
def test_a_model_counts_to_the_step_however_deep_it_is_called(called: str) -> None:
    @tool
    def lookup(address: str) -> str:
        """Look an address up."""
        return str(Model().invoke(address))

    calls: dict[str, Any] = {
        "chain": RunnableLambda(lambda text: text) | Model() | RunnableLambda(str),
        "tool": lookup,
        "retriever": Retriever(),
        "batch": RunnableLambda(lambda text: Model().batch([text])),
    }
    assert Bot().run(one=reply(calls[called])).told == [("processing", "one", 1_000, 100, None)]


def test_a_subgraphs_tokens_are_not_told_again_around_it() -> None:
    bot = Bot()
    inner = line(score=reply(Model(tokens=(10, 1))))

    def qualify(state: State) -> State:
        inner.invoke({}, {"callbacks": [bot.handler]})
        return {"log": [str(Model(tokens=(200, 30)).invoke("hello"))]}

    bot.run(qualify=qualify)
    assert bot.told == [("processing", "qualify/score", 10, 1, None), ("processing", "qualify", 200, 30, None)]


def test_attempts_that_failed_are_told_at_the_end_of_the_run() -> None:
    attempts: list[int] = []

    def flaky(state: State) -> State:
        attempts.append(1)
        Model(tokens=(10, 1)).invoke("hello")
        if len(attempts) < 3:
            raise ConnectionError("the CRM hung up")
        return {}

    graph = StateGraph(State)
    graph.add_node("sync", flaky, retry_policy=RetryPolicy(initial_interval=0.001, jitter=False))
    graph.add_edge(START, "sync")
    bot = Bot(prices=PRICES)
    graph.compile().invoke({}, bot.config())
    assert bot.told == [("processing", "sync", 10, 1, "0.000035"), ("completed", None, 20, 2, "0.00007")]


def test_a_run_that_failed_has_told_its_tokens() -> None:
    def node(state: State) -> State:
        Model().invoke("hello")
        return fail(state)

    bot = Bot(prices=PRICES)
    with pytest.raises(RuntimeError):
        bot.run(score=node)
    assert bot.told == [("error", "score", 1_000, 100, "0.0035")]


def test_a_step_that_is_asked_twice_has_taken_its_tokens_twice() -> None:
    def price(state: State) -> State:
        Model().invoke("hello")
        return ask(state)

    bot = Bot()
    graph = line(price=price)
    graph.invoke({}, bot.config())
    graph.invoke(Command(resume="480k"), bot.config())
    assert bot.told == [("idle", "waiting: price", 1_000, 100, None), ("processing", "price", 1_000, 100, None)]


def test_a_router_counts_to_the_step_before_it() -> None:
    def route(state: State) -> str:
        Model().invoke("which way?")
        return "__end__"

    graph = StateGraph(State)
    graph.add_node("analyze", write(answered=1))
    graph.add_edge(START, "analyze")
    graph.add_conditional_edges("analyze", route)
    bot = Bot()
    graph.compile().invoke({}, bot.config())
    assert bot.told == [("processing", "analyze", 1_000, 100, None)]


def test_a_model_outside_of_any_step_counts_to_the_run() -> None:
    bot = Bot()
    (RunnableLambda(lambda state: str(Model().invoke("hello")) and {}) | line(one=write(answered=1))).invoke(
        {}, bot.config()
    )
    assert bot.told == [("completed", None, 1_000, 100, None)]


@pytest.mark.parametrize("how", ["invoke", "ainvoke", "messages", "events"])
def test_streamed_tokens_are_told_once(how: str) -> None:
    async def node(state: State) -> State:
        return {"log": [str(await StreamingModel().ainvoke("hello"))]}

    async def chunks(graph: Any, config: Any) -> AsyncIterator[Any]:
        if how == "messages":
            async for chunk in graph.astream({}, config, stream_mode="messages"):
                yield chunk
        elif how == "events":
            async for chunk in graph.astream_events({}, config, version="v2"):
                yield chunk
        else:
            yield await graph.ainvoke({}, config)

    async def read() -> None:
        async for _ in chunks(line(one=node), bot.config()):
            pass

    bot = Bot()
    if how == "invoke":
        bot.run(one=reply(StreamingModel()))
    else:
        asyncio.run(read())
    assert bot.told == [("processing", "one", 1_000, 100, None)]


def test_handlers_that_are_attached_twice_count_once_with_the_prices_of_either() -> None:
    bot = Bot()
    priced = ProgressHandler(bot.events, bot_type="seller", prices=PRICES, script_version="7")
    line(one=reply(Model())).invoke({}, bot.config([bot.handler, bot.handler, priced]))
    assert bot.told == [("processing", "one", 1_000, 100, "0.0035")]
    assert {data["script_version"] for data in bot.events.of("bot_status_update")[1:]} == {"7"}


def test_parallel_calls_and_runs_lose_no_token() -> None:
    def node(state: State) -> State:
        Model(tokens=(10, 1)).batch([str(number) for number in range(20)])
        return {}

    bot = Bot(prices=PRICES)
    graph = line(one=node)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: graph.invoke({}, {**bot.config(), **thread(str(number))}), range(20)))
    assert bot.told == [("processing", "one", 200, 20, "0.0007")] * 20


def test_every_event_names_the_script() -> None:
    rule = Rule("intent_feedback", {"actual_category": lambda state: "seller"}, {"analysis_id": "a-1"}, when="answered")
    stall = Rule("conversation_event", {}, constants={"kind": "stall_detected"}, when="answered")
    bot = Bot(mapping=[rule, stall], script_version="2026-11").run(one=write(answered=1))
    versions = [(kind, data.get("script_version")) for kind, data in bot.events.events]
    assert versions == [
        *[("bot_status_update", "2026-11")] * 3,
        ("intent_feedback", None),
        ("conversation_event", "2026-11"),
        ("bot_status_update", "2026-11"),
    ]


def test_tokens_of_the_state_are_not_counted_beside_those_of_the_models() -> None:
    rule = Rule("conversation_event", constants={"kind": "message"}, when="stall_detected")
    state = {"stall_detected": True, "tokens_in": 5, "stage": "Q1"}
    assert rule.event(state, state) == {"kind": "message", "stage": "Q1"}
    named = Rule("conversation_event", {"tokens_in": "tokens_in"}, constants={"kind": "message"})
    assert named.event(state, state) == {"kind": "message", "tokens_in": 5}


def test_a_price_function_that_fails_costs_no_token() -> None:
    bot = Bot(prices=lambda model, usage: 1 / 0).run(one=reply(Model()))
    assert bot.told == [("processing", "one", 1_000, 100, None)]
    assert bot.handler.faults == 1


@pytest.mark.parametrize(
    ("prices", "sentence"),
    [
        ({"gpt-4o": 2.5}, r"the price of 'gpt-4o' is 2.5: allowed are US dollars for a million tokens in and out"),
        ({"gpt-4o": (1, 2, 3)}, r"the price of 'gpt-4o' is \(1, 2, 3\): allowed are US dollars"),
        ({"gpt-4o": ("2,50", 10)}, r"the price of 'gpt-4o' for tokens in is '2,50': allowed are US dollars from 0"),
        ({"gpt-4o": (1, -1)}, r"the price of 'gpt-4o' for tokens out is -1: allowed are US dollars from 0"),
        ({"gpt-4o": (float("nan"), 1)}, r"the price of 'gpt-4o' for tokens in is nan: allowed are US dollars from 0"),
        ({"gpt-4o": (True, 1)}, r"the price of 'gpt-4o' for tokens in is True: allowed are US dollars from 0"),
    ],
)
def test_a_price_that_cannot_be_read_is_named(prices: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Bot(prices=prices)


@pytest.mark.parametrize("version", ["", "v" * 129])
def test_a_version_that_the_contract_refuses_is_refused_at_once(version: str) -> None:
    with pytest.raises(ValueError, match=r"script_version is .*: allowed are 1 to 128 characters"):
        Bot(script_version=version)


def test_a_bot_without_langgraph_publishes_what_it_costs(intake: Intake, tmp_path: Path) -> None:
    cost: Any = {"cost_usd": "0.0035", "tokens_in": 1_000, "tokens_out": 100, "script_version": "7"}
    with Publisher(intake.url, "token", source="my-bot", spool=tmp_path / "spool.db") as publisher:
        publisher.bot_status(
            bot_type="my-bot",
            status="completed",
            cost_usd="0.0035",
            tokens_in=1_000,
            tokens_out=100,
            script_version="7",
        )
        publisher.conversation_event(conversation_id="t-1", contact_id="c-1", kind="message", **cost)
    assert [{name: event["data"][name] for name in cost} for event in intake.stored.values()] == [cost, cost]
