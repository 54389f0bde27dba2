"""Logs: one JSON object a line, and never a token."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from jorge_data.logs import configure_logs

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
