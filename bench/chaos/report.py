"""The report: what became of the events, fault by fault, and how long it took until all worked again."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.chaos.model import Verdict

COLUMNS = (
    "fault",
    "times",
    "published",
    "acknowledged",
    "lost",
    "repeated",
    "out of order",
    "recovered p50 / max s",
    "",
)

NO_TIME = "not played: no time left"


@dataclass
class Row:
    """One fault, however often it was played."""

    label: str
    times: int = 0
    verdict: Verdict = field(default_factory=Verdict)
    recoveries: list[float] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    not_played: str = ""

    @property
    def broken(self) -> bool:
        return not self.verdict.holds

    def cells(self) -> list[str]:
        v = self.verdict
        recovered = f"{statistics.median(self.recoveries):.1f} / {max(self.recoveries):.1f}" if self.recoveries else "–"
        counts = [f"{n:,}" for n in (self.times, v.published, v.acknowledged, v.lost, v.repeated, v.disordered)]
        end = self.not_played or ("BROKEN" if self.broken else "holds" if self.times else NO_TIME)
        return [self.label, *counts, recovered, end]


def table(rows: Sequence[Row]) -> str:
    """Return the rows as a table of Markdown, with the sums below."""
    total = Verdict()
    for row in rows:
        total += row.verdict
    all_together = Row("all", sum(row.times for row in rows), total, [t for row in rows for t in row.recoveries])
    lines = [COLUMNS, tuple("---" for _ in COLUMNS), *(row.cells() for row in [*rows, all_together])]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def details(rows: Sequence[Row]) -> str:
    """Return what was measured besides, and what is broken, by fault."""
    lines = []
    for row in rows:
        lines += [f"{row.label}: {fact}" for fact in row.facts]
        lines += [f"BROKEN {row.label}: {problem}" for problem in row.verdict.problems[:10]]
    return "\n".join(lines)
