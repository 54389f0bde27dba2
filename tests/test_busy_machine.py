"""No test counts on an idle machine: what makes one fail beside other work is found in its text and forbidden."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Find = Callable[[ast.AST], Iterator[ast.AST]]

HERE = Path(__file__).parent
FILES = sorted(HERE.rglob("*.py"))
WAITING = HERE / "waiting.py"  # the one module that polls until its patience ends
FAULTS = {HERE / "toxics.py"}  # where a pause is the fault itself
VIRTUAL = {HERE / "dashboard" / "push" / "test_broadcaster.py"}  # on a loop whose clock moves only when all wait
PATIENCE_S = 5.0
CLOCKS = {"time.time", "time.monotonic", "time.perf_counter", "datetime.now"}
WAITS = {"wait", "wait_for", "join", "acquire", "stop"}


def name(context: ast.AST) -> str:
    """Return a dotted name as it is written; empty for anything else."""
    return ast.unparse(context) if isinstance(context, ast.Name | ast.Attribute) else ""


def reads_a_clock(context: ast.AST) -> bool:
    return any(isinstance(part, ast.Call) and name(part.func) in CLOCKS for part in ast.walk(context))


def sleeps(tree: ast.AST) -> Iterator[ast.AST]:
    """Find pauses outside a loop that polls; `asyncio.sleep(0)`, a turn of the event loop, is allowed."""
    polls = {id(part) for loop in ast.walk(tree) if isinstance(loop, ast.While) for part in ast.walk(loop)}
    for context in ast.walk(tree):
        if isinstance(context, ast.Call) and (
            name(context.func) == "time.sleep"
            or (
                name(context.func) == "asyncio.sleep"
                and id(context) not in polls
                and ast.unparse(context.args[0]) != "0"
            )
        ):
            yield context


def limits_on_time(tree: ast.AST) -> Iterator[ast.AST]:
    """Find what must have happened by some time: a clock, or time that went by, on the lesser side or in approx."""
    elapsed = {
        target.id
        for context in ast.walk(tree)
        if isinstance(context, ast.Assign)
        and isinstance(context.value, ast.BinOp)
        and reads_a_clock(context.value.left)
        for target in context.targets
        if isinstance(target, ast.Name) and isinstance(context.value.op, ast.Sub)
    }
    for context in ast.walk(tree):
        if isinstance(context, ast.Compare):
            sides = [context.left, *context.comparators]
            for left, operator, right in zip(sides, context.ops, sides[1:], strict=False):
                lesser = left if isinstance(operator, ast.Lt | ast.LtE) else right
                if isinstance(operator, ast.Lt | ast.LtE | ast.Gt | ast.GtE) and (
                    reads_a_clock(lesser) or not elapsed.isdisjoint(name(part) for part in ast.walk(lesser))
                ):
                    yield context
        elif isinstance(context, ast.Call) and name(context.func).endswith("approx") and reads_a_clock(context):
            yield context


def short_waits(tree: ast.AST) -> Iterator[ast.AST]:
    """Find asserted waits of a few seconds: patience costs nothing where all goes well."""
    for context in ast.walk(tree):
        if (
            isinstance(context, ast.Assert)
            and isinstance(context.test, ast.Call)
            and isinstance(context.test.func, ast.Attribute)
            and context.test.func.attr in WAITS
            and any(
                isinstance(given, ast.Constant) and isinstance(given.value, int | float) and given.value < PATIENCE_S
                for given in [*context.test.args, *(keyword.value for keyword in context.test.keywords)]
            )
        ):
            yield context


def counted_connections(tree: ast.AST) -> Iterator[ast.AST]:
    """Find exact counts of the connections of a reader that may come back: count what the server did to it."""
    for context in ast.walk(tree):
        if isinstance(context, ast.Compare) and any(isinstance(operator, ast.Eq) for operator in context.ops):
            attributes = [part.attr for part in ast.walk(context) if isinstance(part, ast.Attribute)]
            if any(attribute in ("connections", "attempts") for attribute in attributes):
                yield context


def lines(problems: Iterator[ast.AST], path: Path) -> list[str]:
    return [f"{path.relative_to(HERE)}:{getattr(context, 'lineno', 0)}: {ast.unparse(context)}" for context in problems]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HERE)))
def test_no_test_needs_the_machine_for_itself(path: Path) -> None:
    tree = ast.parse(path.read_text())
    problems = lines(short_waits(tree), path)
    if path != WAITING:
        problems += lines(limits_on_time(tree), path)
    if path not in {WAITING, *FAULTS, *VIRTUAL}:
        problems += lines(sleeps(tree), path)
    if path.is_relative_to(HERE / "chaos"):
        problems += lines(counted_connections(tree), path)
    assert problems == []


@pytest.mark.parametrize(
    ("find", "text"),
    [
        (sleeps, "time.sleep(1)"),
        (sleeps, "while busy(): time.sleep(0.1)"),
        (sleeps, "async def f():\n    await asyncio.sleep(0.1)"),
        (limits_on_time, "assert time.monotonic() - began < 5"),
        (limits_on_time, "took = time.monotonic() - began\nassert took < 5"),
        (limits_on_time, "assert 5 >= time.perf_counter() - began"),
        (limits_on_time, "assert (datetime.now(UTC) - began).total_seconds() < 5"),
        (limits_on_time, "assert began < time.time() < deadline"),
        (limits_on_time, "assert expires == pytest.approx(time.time() + 60, abs=2)"),
        (short_waits, "assert arrived.wait(1)"),
        (short_waits, "assert feed.stop(timeout_s=0.5)"),
        (counted_connections, "assert reader.connections == 1"),
        (counted_connections, "assert [reader.connections for reader in readers] == [4, 4, 4]"),
    ],
)
def test_what_fails_beside_other_work_is_found(find: Find, text: str) -> None:
    assert list(find(ast.parse(text)))


@pytest.mark.parametrize(
    ("find", "text"),
    [
        (sleeps, "async def f():\n    while not all_there():\n        await asyncio.sleep(0.02)"),
        (sleeps, "async def f():\n    await asyncio.sleep(0)"),
        (limits_on_time, "assert time.monotonic() - began >= 0.1"),
        (limits_on_time, "assert before <= event.time <= datetime.now(UTC)"),
        (short_waits, "assert arrived.wait(10)"),
        (short_waits, "assert not feed.stop(0.1)"),
        (counted_connections, "assert reader.cut == 0"),
    ],
)
def test_what_holds_on_a_busy_machine_is_allowed(find: Find, text: str) -> None:
    assert not list(find(ast.parse(text)))
