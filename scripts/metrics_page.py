"""Writes docs/metrics.md from the definitions. A test keeps it true."""

from pathlib import Path

from jorge_data.metrics.definitions import PAGES, Definition
from jorge_data.metrics.formatting import Unit

PAGE = Path(__file__).parents[1] / "docs" / "metrics.md"

TITLES = {
    "command_center": "Command Center",
    "seller_qualification": "Seller qualification",
    "lead_sequences": "Lead sequences",
    "ml_confidence": "ML confidence",
    "revenue": "Revenue",
    "response": "Response",
    "conversations": "Conversations and contacts",
    "properties": "Properties",
    "system": "System",
}

UNITS = {
    Unit.COUNT: "a number of things",
    Unit.SHARE: "share, shown in %",
    Unit.MS: "milliseconds",
    Unit.SECONDS: "time, kept in seconds",
    Unit.DOLLARS: "US dollars, kept in cents",
    Unit.COST: "US dollars, kept in picodollars",
    Unit.SCORE: "points, 0–100",
    Unit.RATIO: "number, 0–1 as a rule",
}

INTRODUCTION = """# The figures

Written by `python -m scripts.metrics_page` from `jorge_data/metrics/definitions`; the line under each title is the help
text on the page. The period is the page's time range, half-open; days, weeks and months are the office's. A figure that
cannot be computed reads "no data", never 0. A contact or a deal that was deleted in the CRM counts nowhere; what was
said and done before, such as messages, conversations and steps, did happen and counts. What a figure was counted from
opens with a click, and is the same question asked of `/api/table`.
"""


def figure(name: str, defined: Definition) -> str:
    """Return one figure's paragraph."""
    return f"""### {defined.title}

{defined.line}

`{defined.formula}`

Counted: {defined.who} · {defined.period}.

{UNITS[defined.unit]} · from {defined.source} · asked as {defined.fact} · no data: {defined.absent} · `{name}`
"""


def text() -> str:
    """Return the whole page."""
    parts = [INTRODUCTION]
    for page, figures in PAGES.items():
        parts.append(f"## {TITLES[page]}\n")
        parts += [figure(f"{page}.{name}", defined) for name, defined in figures.items()]
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(text())
