"""The row of a deal in the list of deals."""

from typing import Any

from jorge_data.events.timestamps import rfc3339
from jorge_data.metrics.facts.deal import Deal
from jorge_data.metrics.facts.rules import Rules
from jorge_data.metrics.facts.stay import stays_of


def deal_row(deal: Deal, rules: Rules) -> dict[str, Any]:
    """Return what the list shows of a deal: money in dollars, null what is not known or no longer so."""
    newest, chance = deal.newest, deal.chance
    stays = stays_of(deal.versions) if newest.closed is None else []
    return {
        "deal_id": deal.key,
        "name": deal.detail("name") or deal.key,
        "contact_id": deal.detail("contact_id"),
        "at": newest.at,
        "status": newest.status,
        "stage": deal.stage,
        "stage_since": rfc3339(stays[-1].entered) if stays else None,
        "value": newest.value / 100,
        "commission": deal.commission(rules) / 100,
        "probability": None if chance is None else float(chance),
        "expected_close": deal.detail("expected_close"),
        "opened_at": rfc3339(deal.versions[0].at),
        "closed_at": None if newest.closed is None else rfc3339(newest.closed),
        "lead_source": deal.detail("lead_source"),
        "pipeline": deal.detail("pipeline"),
    }
