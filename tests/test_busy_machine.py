"""No test counts on an idle machine: what makes one fail beside other work is found in its text and forbidden."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Find = Callable[[ast.AST], Iterator[ast.AST]]

HERE = Path(__file__).parent
FILES = sorted(HERE.rglob("*.py"))
WAITING = HERE / "waiting.py"  # the one place that looks again and again until its patience ends
FAULTS = {HERE / "toxics.py", HERE / "dashboard" / "fake_feeds.py"}
"""Where a pause is the fault itself, or time is virtual."""

VIRTUAL = {HERE / "dashboard" / "push" / "test_broadcaster.py"}
"""What runs on the loop of fake_feeds.py, whose clock moves only when all wait."""

PATIENCE_S = 5.0
CLOCKS = {"time.time", "time.monotonic", "time.perf_counter", "datetime.now"}
WAITS = {"wait", "wait_for", "join", "acquire", "stop"}


def name(node: ast.AST) -> str:
    """Return a dotted name as it is written; empty for anything else."""
    return ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else ""


def reads_a_clock(node: ast.AST) -> bool:
    return any(isinstance(part, ast.Call) and name(part.func) in CLOCKS for part in ast.walk(node))


def sleeps(tree: ast.AST) -> Iterator[ast.AST]:
    """Find pauses outside a loop that polls; `asyncio.sleep(0)`, a turn of the event loop, is allowed."""
    polls = {id(part) for loop in ast.walk(tree) if isinstance(loop, ast.While) for part in ast.walk(loop)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (
            name(node.func) == "time.sleep"
            or (name(node.func) == "asyncio.sleep" and id(node) not in polls and ast.unparse(node.args[0]) != "0")
        ):
            yield node


def limits_on_time(tree: ast.AST) -> Iterator[ast.AST]:
    """Find what must have happened by some time: a clock, or time that went by, on the lesser side or in approx."""
    elapsed = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp) and reads_a_clock(node.value.left)
        for target in node.targets
        if isinstance(target, ast.Name) and isinstance(node.value.op, ast.Sub)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            for left, operator, right in zip(sides, node.ops, sides[1:], strict=False):
                lesser = left if isinstance(operator, ast.Lt | ast.LtE) else right
                if isinstance(operator, ast.Lt | ast.LtE | ast.Gt | ast.GtE) and (
                    reads_a_clock(lesser) or not elapsed.isdisjoint(name(part) for part in ast.walk(lesser))
                ):
                    yield node
        elif isinstance(node, ast.Call) and name(node.func).endswith("approx") and reads_a_clock(node):
            yield node


def short_waits(tree: ast.AST) -> Iterator[ast.AST]:
    """Find asserted waits of a few seconds: patience costs nothing where all goes well."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Assert)
            and isinstance(node.test, ast.Call)
            and isinstance(node.test.func, ast.Attribute)
            and node.test.func.attr in WAITS
            and any(
                isinstance(given, ast.Constant) and isinstance(given.value, int | float) and given.value < PATIENCE_S
                for given in [*node.test.args, *(keyword.value for keyword in node.test.keywords)]
            )
        ):
            yield node


def counted_connections(tree: ast.AST) -> Iterator[ast.AST]:
    """Find exact counts of the connections of a reader that may come back: count what the server did to it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and any(isinstance(operator, ast.Eq) for operator in node.ops):
            attributes = [part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)]
            if any(attribute in ("connections", "attempts") for attribute in attributes):
                yield node


def lines(problems: Iterator[ast.AST], path: Path) -> list[str]:
    return [f"{path.relative_to(HERE)}:{getattr(node, 'lineno', 0)}: {ast.unparse(node)}" for node in problems]


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
