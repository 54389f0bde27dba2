"""A change: an entity before and after a batch."""

from collections import Counter
from typing import Any, NamedTuple

from jorge_data.metrics.facts.entity import Entity, Family
from jorge_data.metrics.facts.fact import Fact
from jorge_data.metrics.facts.vocabulary import Vocabulary


class Change(NamedTuple):
    """Say how a batch left an entity, and those of its facts, before and after, that may have changed."""

    family: Family
    key: str
    state: bytes
    summary: dict[str, Any]
    before: list[Fact]
    after: list[Fact]

    def entity(self, vocabulary: Vocabulary) -> Entity:
        """Return the net change, the facts as they count."""
        retracted, added = _net(list(map(vocabulary.fact, self.before)), list(map(vocabulary.fact, self.after)))
        return Entity(self.state, self.summary, retracted, added)


def _net(before: list[Fact], after: list[Fact]) -> tuple[list[Fact], list[Fact]]:
    """Return what is to be retracted and what is to be added: the two differences of the multisets."""
    if before == after:
        return [], []
    if not before:
        return [], after
    was, now = Counter(before), Counter(after)
    return list((was - now).elements()), list((now - was).elements())
