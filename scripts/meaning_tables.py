"""Writes the tables of what vendors' words mean into docs/integrations.md, from the code. A test keeps them true.

A table stands between `<!-- NAME: python -m scripts.meaning_tables -->` and `<!-- end of NAME -->`.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

from jorge_data.vendors.retell.end_reasons import END_REASONS, MEANINGS, SDK

PAGE = Path(__file__).parents[1] / "docs" / "integrations.md"


def rows(*columns: str, of: Iterable[tuple[str, ...]]) -> str:
    """Return a table in Markdown."""
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|", *(f"| {' | '.join(cells)} |" for cells in of)]
    return "\n".join(lines) + "\n"


def end_reasons() -> str:
    """Return the end reasons of Retell's calls, what each means and how it is shown."""
    known = [(f"`{name}`", words, MEANINGS[meaning]) for name, (meaning, words) in END_REASONS.items()]
    unknown = "any other", "unknown reason: …", "no step: neither success nor failure"
    return rows(f"`disconnection_reason` (retell-sdk {SDK})", "on screen", "what it means", of=[*known, unknown])


TABLES: dict[str, Callable[[], str]] = {"end reasons": end_reasons}
"""Each table by the name in its markers."""


def written(page: str) -> str:
    """Return the page with each table as the code has it; raise ValueError, naming the table whose markers it lacks."""
    for name, table in TABLES.items():
        begin, end = f"<!-- {name}: python -m scripts.meaning_tables -->\n", f"<!-- end of {name} -->"
        if page.count(begin) != 1 or page.count(end) != 1:
            raise ValueError(f"the page has not each of these once: {begin.strip()} {end}")
        before, _, rest = page.partition(begin)
        page = f"{before}{begin}{table()}{end}{rest.partition(end)[2]}"
    return page


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text()))
