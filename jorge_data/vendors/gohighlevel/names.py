"""Names for ids: webhooks give custom fields and pipeline stages by id alone."""

import re
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from functools import cached_property, lru_cache
from typing import Any, Self

from jorge_data.vendors.base import OFFICE, Json, StoredCopies, VendorEntity
from jorge_data.vendors.moments import zone_of

CUSTOM_FIELDS = VendorEntity("names", "custom-fields")
PIPELINES = VendorEntity("names", "pipelines")
USERS = VendorEntity("names", "users")

_HUMP = re.compile(r"(?<=[a-z0-9])([A-Z])")
_NO_WORD = re.compile(r"[^a-z0-9]+")


MAX_NAME = 200


def slug(name: str) -> str:
    """Return a name in lower case with underscores: `Seller Temperature` and `sellerTemperature` are the same."""
    return _slug(name[:MAX_NAME])


@lru_cache(4096)
def _slug(name: str) -> str:
    return _NO_WORD.sub("_", _HUMP.sub(r"_\1", name).lower()).strip("_")


@dataclass(frozen=True)
class Names:
    """The names of a location's custom fields and stages, by their ids, as far as they are stored."""

    fields: dict[str, str] = field(default_factory=dict)
    stages: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, seen: StoredCopies) -> Self:
        """Return the names among stored copies."""
        return cls(seen.get(CUSTOM_FIELDS, {}), seen.get(PIPELINES, {}))

    def field(self, identifier: str) -> str:
        """Return the name of a custom field, its id where it has no name here."""
        return self.fields.get(identifier, identifier)

    def id_of(self, label: str) -> str:
        """Return the id of the custom field of a label, the label where no field has it."""
        return self._ids.get(slug(label), label)

    @cached_property
    def _ids(self) -> dict[str, str]:
        # Backwards, so that of two fields of one name the first counts.
        return {slug(name): key for key, name in reversed(self.fields.items())}

    def stage(self, identifier: str | None) -> str | None:
        """Return the name of a stage, None where it has no name here."""
        return self.stages.get(identifier) if identifier else None


def field_names(body: Json) -> Json:
    """Return id to name from the API's `customFields`; the key in `fieldKey` is used where there is no name."""
    fields = _listed(body, "customFields")
    return {one["id"]: str(one.get("name") or one.get("fieldKey") or one["id"]) for one in fields}


def stage_names(body: Json) -> Json:
    """Return id to name from the stages of the API's `pipelines`."""
    stages = (stage for pipeline in _listed(body, "pipelines") for stage in _listed(pipeline, "stages"))
    return {stage["id"]: str(stage.get("name") or stage["id"]) for stage in stages}


def user_names(body: Json) -> Json:
    """Return id to name from the API's `users`, or from one user."""
    given = _listed(body, "users") if "users" in body else [body] if isinstance(body.get("id"), str) else []
    return {one["id"]: name for one in given if (name := user_name(one))}


def office_zone(seen: StoredCopies) -> tzinfo:
    """Return the office's time zone; UTC where none is set."""
    return zone_of(seen.get(OFFICE, {}).get("zone")) or UTC


def user_name(user: Json) -> str:
    """Return the name of a user, in whichever fields it stands; "" where there is none."""
    parts = (user.get("firstName") or user.get("first_name"), user.get("lastName") or user.get("last_name"))
    name = user.get("name") or " ".join(str(part).strip() for part in parts if part)
    return str(name).strip()[:128]


def _listed(body: Json, name: str) -> list[dict[str, Any]]:
    """Return the objects of a list that have an id."""
    rows = body.get(name)
    rows = rows if isinstance(rows, list) else []
    return [row for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str)]
