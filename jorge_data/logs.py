"""Logs: one JSON object a line, on standard error, without secrets."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*|(?i:bearer)[ .][\w.~+/-]{16,}", re.ASCII)
_JSON = structlog.processors.JSONRenderer()


def render(logger: object, name: str, entry: MutableMapping[str, Any]) -> str:
    """Return a log line as JSON, with anything that looks like a token replaced by `<token>`, in any field."""
    return _TOKEN.sub("<token>", str(_JSON(logger, name, entry)))


def configure_logs(level: str) -> None:
    """Send every logger's lines through one formatter; uvicorn's from warning up, as its info lines hold addresses."""
    shared: list[Any] = [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            render,
        ],
    )
    output = logging.StreamHandler(sys.stderr)
    output.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [output]
    root.setLevel(level.upper())
    for library in ("uvicorn", "uvicorn.error", "alembic", "asyncio", "urllib3"):
        logging.getLogger(library).setLevel(logging.WARNING)
