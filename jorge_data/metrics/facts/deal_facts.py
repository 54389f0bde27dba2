"""Facts of a deal: how it stands, and each of its stays."""

from collections.abc import Iterator

from jorge_data.metrics.facts.commission import share
from jorge_data.metrics.facts.deal import Deal
from jorge_data.metrics.facts.fact import Fact
from jorge_data.metrics.facts.rules import Rules
from jorge_data.metrics.facts.stay import stays_of


def deal_facts(deal: Deal, rules: Rules) -> Iterator[Fact]:
    """Return the facts of a deal: an open one counts when it was first heard of, a closed one when it closed."""
    if not deal.versions:
        return
    newest, chance, commission = deal.newest, deal.chance, deal.commission(rules)
    at = deal.versions[0].at if newest.closed is None else newest.closed
    dims = newest.status, deal.stage, deal.detail("lead_source") or "", deal.detail("pipeline") or ""
    measures = [("value", newest.value), ("commission", commission)]
    if chance is not None:
        measures.append(("weighted", share(commission, chance)))
    yield Fact("deal_state", at, dims, tuple(measures))
    for stage, entered, left in stays_of(deal.versions):
        if left is None:
            yield Fact("deal_stage", entered, (stage, "open"))
        else:
            yield Fact("deal_stage", entered, (stage, "done"), (("duration_s", left - entered),))
