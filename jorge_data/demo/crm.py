"""What changes on a contact in the CRM."""

from typing import Any

from jorge_data.demo.people import Person
from jorge_data.demo.story import Json, event


def contact(person: Person, changed: dict[str, tuple[Any, Any]], added: list[str], removed: list[str]) -> Json:
    return event(
        "ghl",
        "contact_update",
        contact_id=person.contact_id,
        name=person.name,
        changed={field: {"from": before, "to": after} for field, (before, after) in changed.items()},
        tags_added=added,
        tags_removed=removed,
    )


def created(person: Person, lead_source: str, tags: list[str]) -> Json:
    """Introduce a contact; a story tells this first, so that every screen knows the name."""
    fields = {"phone": person.phone, "email": person.email, "address": person.home.address, "lead_source": lead_source}
    return contact(person, {field: (None, value) for field, value in fields.items()}, tags, [])


def temperature_moved(person: Person, before: str | None, after: str) -> Json:
    removed = [f"{before.title()}-Seller"] if before else []
    return contact(person, {"seller_temperature": (before, after)}, [f"{after.title()}-Seller"], removed)


def tagged(person: Person, added: str, field: str, before: Any, after: Any) -> Json:
    return contact(person, {field: (before, after)}, [added], [])
