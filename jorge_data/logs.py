"""Logs: one JSON object a line, on standard error, without secrets."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*|(?i:bearer)[ .][\w.~+/-]{16,}", re.ASCII)


def redact(logger: object, name: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blank out anything that looks like a token, wherever it stands."""
    return {key: _TOKEN.sub("<token>", value) if isinstance(value, str) else value for key, value in entry.items()}


def configure_logs(level: str) -> None:
    """Send every logger's lines through one formatter; uvicorn's from warning up, since its others hold addresses."""
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
            redact,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    output = logging.StreamHandler(sys.stderr)
    output.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [output]
    root.setLevel(level.upper())
    for noisy in ("uvicorn", "uvicorn.error", "alembic", "asyncio", "urllib3"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
