"""Logs: one JSON object a line, and never a token."""

import errno
import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from jorge_data import logs
from jorge_data.logs import SparingHandler, configure_logs

CANARY = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl-_c2lnbmF0dXJl"
logger = logging.getLogger("tests.logs")


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    captured = capsys.readouterr()
    assert captured.out == ""
    return [json.loads(line) for line in captured.err.splitlines()]


def test_a_line_is_json_with_level_name_and_moment(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info")
    logger.warning("port %d is taken", 8001)
    (line,) = lines(capsys)
    assert line["timestamp"].endswith("Z")
    assert line | {"timestamp": ""} == {
        "event": "port 8001 is taken",
        "level": "warning",
        "logger": "tests.logs",
        "timestamp": "",
    }


def test_what_is_below_the_level_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info")
    logger.debug("detail")
    logging.getLogger("uvicorn.error").info("1.2.3.4 connected")
    assert lines(capsys) == []


@pytest.mark.parametrize(
    "text", ["a\nb", "a\r\nb", '{"event": "forged"}\n{"event": "forged"}', "a\u2028b\x85c\x1b[31m"]
)
def test_no_text_can_begin_a_line_of_its_own(capsys: pytest.CaptureFixture[str], text: str) -> None:
    configure_logs("info")
    logger.info("said: %s", text)
    (line,) = lines(capsys)
    assert line["event"] == f"said: {text}"


def test_half_a_character_breaks_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info")
    logger.info("said: %s", "\ud800")
    assert len(lines(capsys)) == 1


@pytest.mark.parametrize(
    "said",
    [
        CANARY,
        f"Authorization: Bearer {CANARY}",
        f"bearer.{CANARY}",
        f"GET /?token={CANARY}&x=1",
        {"headers": [("authorization", f"Bearer {CANARY}")]},
        [{"deep": {CANARY: CANARY}}],
        f"Bearer {'x' * 40}-canary-opaque".replace("canary", "eyJzdWIiOiJjYW5hcnkifQ"),
    ],
)
def test_a_token_is_never_written(capsys: pytest.CaptureFixture[str], said: object) -> None:
    configure_logs("info")
    logger.info("said: %s", said)
    logger.info(said)
    logger.info("more", extra={"said": said})
    try:
        raise ValueError(said)
    except ValueError:
        logger.exception("failed")
    error = capsys.readouterr().err
    assert "<token>" in error
    assert "eyJzdWIiOiJjYW5hcnkifQ" not in error
    assert all(json.loads(line) for line in error.splitlines())


def test_a_traceback_stays_in_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info")
    try:
        raise ValueError("wrong")
    except ValueError:
        logger.exception("failed")
    (line,) = lines(capsys)
    assert line["event"] == "failed"
    assert "ValueError: wrong" in line["exception"]


class Hourglass:
    """A clock that a test turns on."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Sparing:
    """A logger of its own with the handler under test, and what it has written."""

    def __init__(self) -> None:
        self.clock, self._stream = Hourglass(), io.StringIO()
        self.handler = SparingHandler(self._stream, self.clock)
        self.logger = logging.Logger("tests.sparing")
        self.logger.addHandler(self.handler)

    @property
    def lines(self) -> list[str]:
        return self._stream.getvalue().splitlines()


@pytest.fixture
def sparing() -> Iterator[Sparing]:
    sparing = Sparing()
    yield sparing
    sparing.handler.close()


def test_the_same_warning_is_one_line_a_minute_and_says_how_many_there_were(sparing: Sparing) -> None:
    for number in range(55_223):
        sparing.logger.warning("socket %d: too many open files", number)
    assert sparing.lines == ["socket 0: too many open files"]
    sparing.clock.now = logs.EVERY_S
    sparing.handler.tell_left_out()
    assert sparing.lines[1:] == ["socket 55222: too many open files (55,222 more like it)"]
    sparing.logger.warning("socket 7: too many open files")
    assert len(sparing.lines) == 2
    sparing.clock.now *= 2.5
    sparing.logger.warning("socket 8: too many open files")
    assert sparing.lines[2:] == ["socket 7: too many open files (1 more like it)"], "and 8 waits for the next minute"


def test_a_traceback_that_repeats_is_written_once(sparing: Sparing) -> None:
    for _ in range(1_000):
        try:
            raise OSError(errno.EMFILE, "too many open files")
        except OSError:
            sparing.logger.exception("failed")
    assert sparing.lines.count("failed") == 1
    assert len(sparing.lines) < 10


def test_warnings_that_name_something_else_are_each_written_up_to_a_bound(sparing: Sparing) -> None:
    names = ["store", "log", "archive", "rollups"]
    for name in names:
        sparing.logger.warning("%s is %s", name, "failed")
    assert sparing.lines == [f"{name} is failed" for name in names]
    for letter in "abcdefghijklmnopqrstuvwxyz":
        sparing.logger.error("the figures of office %s cannot be answered", letter)
    assert len(sparing.lines) == len(names) + logs.MOST_ALIKE


def test_an_information_may_repeat(sparing: Sparing) -> None:
    for _ in range(3):
        sparing.logger.info("well again")
    assert sparing.lines == ["well again"] * 3


def test_what_was_left_out_is_said_at_the_end(sparing: Sparing) -> None:
    for _ in range(3):
        sparing.logger.error("the disk is full")
    sparing.handler.close()
    assert sparing.lines == ["the disk is full", "the disk is full (2 more like it)"]


def test_what_never_repeats_costs_no_memory(sparing: Sparing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MOST_KINDS", 5)
    for letter in "abcdefghijklmnopqrstuvwxyz":
        sparing.logger.warning("%s" + letter, letter)
    assert len(sparing.handler._same) <= 5
