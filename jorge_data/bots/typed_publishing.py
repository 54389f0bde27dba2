"""One method for each kind, whose keywords are that kind's fields, so that a type checker checks every event."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol, Unpack, cast

from jorge_data.events import kinds


class TypedPublishing(Protocol):
    """Publishes each kind under its own name; as with `publish`, `time` and `id` are the event's own.

    The keywords are the fields of `jorge_data.events.kinds`, so that one module alone says what a kind carries.
    """

    def publish(
        self,
        kind: str,
        data: Mapping[str, Any],
        *,
        subject: str | None = None,
        time: datetime | str | None = None,
        id: str | None = None,
    ) -> str: ...

    def qualification_progress(
        self, *, time: datetime | str | None = None, id: str | None = None, **data: Unpack[kinds.QualificationProgress]
    ) -> str:
        """A seller answered one of the four questions, stalled, or changed temperature."""
        return self.publish("jorge_qualification_progress", cast(dict[str, Any], data), time=time, id=id)

    def sequence_update(
        self, *, time: datetime | str | None = None, id: str | None = None, **data: Unpack[kinds.SequenceUpdate]
    ) -> str:
        """A step of the 3-7-30 follow-up was taken, or failed."""
        return self.publish("lead_bot_sequence_update", cast(dict[str, Any], data), time=time, id=id)

    def intent_analysis(
        self, *, time: datetime | str | None = None, id: str | None = None, **data: Unpack[kinds.IntentAnalysis]
    ) -> str:
        """The intent decoder classified a lead (targets: 42 ms, confidence above 0.85)."""
        return self.publish("intent_analysis_complete", cast(dict[str, Any], data), time=time, id=id)

    def bot_status(
        self, *, time: datetime | str | None = None, id: str | None = None, **data: Unpack[kinds.BotStatus]
    ) -> str:
        """A bot began, moved on, finished or failed; any name of a bot gets its own card."""
        return self.publish("bot_status_update", cast(dict[str, Any], data), time=time, id=id)

    def conversation_event(
        self, *, time: datetime | str | None = None, id: str | None = None, **data: Unpack[kinds.ConversationEvent]
    ) -> str:
        """A message, or another event, in a conversation with a contact."""
        return self.publish("conversation_event", cast(dict[str, Any], data), time=time, id=id)

    def system_health(
        self, *, time: datetime | str | None = None, id: str | None = None, **data: Unpack[kinds.SystemHealth]
    ) -> str:
        """A component reported how it is."""
        return self.publish("system_health_update", cast(dict[str, Any], data), time=time, id=id)

    def property_alert(
        self, *, time: datetime | str | None = None, id: str | None = None, **data: Unpack[kinds.PropertyAlert]
    ) -> str:
        """A property was matched to a contact."""
        return self.publish("property_alert", cast(dict[str, Any], data), time=time, id=id)

    def commission_update(
        self, *, time: datetime | str | None = None, id: str | None = None, **data: Unpack[kinds.CommissionUpdate]
    ) -> str:
        """A deal opened, moved, was won or lost; the commission itself is ours to compute."""
        return self.publish("commission_update", cast(dict[str, Any], data), time=time, id=id)

    def contact_update(
        self, *, time: datetime | str | None = None, id: str | None = None, **data: Unpack[kinds.ContactUpdate]
    ) -> str:
        """A contact changed in the CRM: `changed` is `{field: {"from", "to"}}`."""
        return self.publish("contact_update", cast(dict[str, Any], data), time=time, id=id)

    def attention_update(
        self, *, time: datetime | str | None = None, id: str | None = None, **data: Unpack[kinds.AttentionUpdate]
    ) -> str:
        """A person acted on an item of "Needs you" (`stall:<contact>`, `hot:<contact>`, `bot:<name>`, …)."""
        return self.publish("attention_update", cast(dict[str, Any], data), time=time, id=id)

    def intent_feedback(
        self, *, time: datetime | str | None = None, id: str | None = None, **data: Unpack[kinds.IntentFeedback]
    ) -> str:
        """A person labelled an analysis with the actual category; accuracy is computed from these alone."""
        return self.publish("intent_feedback", cast(dict[str, Any], data), time=time, id=id)
