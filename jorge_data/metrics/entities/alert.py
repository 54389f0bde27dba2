"""An alert: whether a contact answered after a property was shown to it."""

from bisect import bisect_right
from collections.abc import Iterator

from jorge_data.events.timestamps import DAY
from jorge_data.metrics.entities.contact import Contact
from jorge_data.metrics.entities.cube import Fact

ANSWER_WITHIN = 7 * DAY
"""An inbound message or call later than this is not taken for an answer."""


def alert_facts(contact: Contact) -> Iterator[Fact]:
    """Return a fact for each alert: answered, with the time to the contact's next message or call, or waiting."""
    inbound = [message[:2] for message in contact.responses if message.inbound] if contact.alerts else []
    for alert in contact.alerts:
        index = bisect_right(inbound, alert[:2])
        took = inbound[index][0] - alert.at if index < len(inbound) else None
        if took is not None and took <= ANSWER_WITHIN:
            yield Fact("alert_response", alert.at, (alert.alert_type, "answered"), (("duration_s", took),))
        else:
            yield Fact("alert_response", alert.at, (alert.alert_type, "waiting"))
