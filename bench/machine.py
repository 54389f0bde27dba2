"""What every benchmark prints first: the machine and the versions it ran on."""

import os
import platform
import sqlite3
from importlib.metadata import version
from pathlib import Path

PACKAGES = (
    "streamlit",
    "fastapi",
    "uvicorn",
    "uvloop",
    "websockets",
    "websocket-client",
    "SQLAlchemy",
    "orjson",
    "pydantic",
)


def describe() -> str:
    """Return the machine and the versions, as lines of text."""
    model = next(
        (line.split(":")[1].strip() for line in _cpuinfo() if line.startswith("model name")), platform.machine()
    )
    lines = [
        f"machine: {os.cpu_count()} × {model}; {platform.system()} {platform.release()}",
        f"python {platform.python_version()}, sqlite {sqlite3.sqlite_version}",
        ", ".join(f"{package} {version(package)}" for package in PACKAGES),
    ]
    return "\n".join(lines)


def _cpuinfo() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text().splitlines() if path.exists() else []


def spread(samples: list[float], unit: str) -> str:
    """Return the p50, p95, p99 and maximum of samples."""
    ordered = sorted(samples)

    def at(share: float) -> float:
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    return (
        f"p50 {at(0.5):.2f} · p95 {at(0.95):.2f} · p99 {at(0.99):.2f} · max {ordered[-1]:.2f} {unit} (n {len(ordered)})"
    )
