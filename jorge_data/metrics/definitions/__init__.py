"""Definitions: what every figure of every page means; the manual and the help texts are written from them."""

from jorge_data.metrics.definitions import (
    command_center,
    conversations,
    lead_sequences,
    ml_confidence,
    properties,
    response,
    revenue,
    seller_qualification,
    system,
)
from jorge_data.metrics.definitions.definition import Definition

PAGES: dict[str, dict[str, Definition]] = {
    "command_center": command_center.FIGURES,
    "seller_qualification": seller_qualification.FIGURES,
    "lead_sequences": lead_sequences.FIGURES,
    "ml_confidence": ml_confidence.FIGURES,
    "revenue": revenue.FIGURES,
    "response": response.FIGURES,
    "conversations": conversations.FIGURES,
    "properties": properties.FIGURES,
    "system": system.FIGURES,
}
"""Each page, by the name of its file, and its figures by name."""

DEFINITIONS = {f"{page}.{name}": figure for page, figures in PAGES.items() for name, figure in figures.items()}
"""Every figure as `page.figure`: `DEFINITIONS["revenue.won"].line` is the help text of commission won."""

__all__ = ["DEFINITIONS", "PAGES", "Definition"]
