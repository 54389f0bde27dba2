"""What of an event is personal: which fields stay when a contact is erased, and by what the others are replaced.

An erased text becomes `[erased 3fa94c0b1d2e]`: the same text the same word, and another text another one, so that
whatever counts, groups or compares texts comes to the figures of before. The word is made with a key that is thrown
away at the end, so that nobody finds the text again by trying.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from jorge_data.events.consent import confirms, plain_consent
from jorge_data.events.kinds import KINDS

Data = dict[str, Any]

_ERASED = re.compile(r"\[erased(?: [0-9a-f]{12})?\](?: unsubscribed)?")

ERASED = "[erased]"
"""What stands in a text of somebody else where the name, number or address of an erased contact stood."""

TEXTS = frozenset(
    {
        *("next_step", "current_step", "error_message", "failure_detail", "body", "summary", "name", "note", "label"),
        *("reasons", "tags_added", "tags_removed", "phone", "email", "address", "url"),
    }
)
"""Fields of the contract that say of a contact what no figure is counted by."""

FIELDS: Mapping[str, frozenset[str]] = {
    "body": frozenset({"body", "summary", "words", "transcript"}),
    "name": frozenset({"name", "contact_name", "full_name", "first_name", "last_name"}),
    "phone": frozenset({"phone", "mobile", "phone_number", "contact_phone", "from_number", "to_number"}),
    "email": frozenset({"email", "contact_email", "email_address"}),
    "address": frozenset({"address", "address1", "street", "postal_code", "city"}),
    "note": frozenset({"note", "notes", "next_step", "current_step"}),
}
"""What a retention by field may name, and the fields of an event that it means."""

_NESTED = frozenset({"changed", "property", "metrics"})

KEPT = (
    frozenset(name for kind in KINDS.values() for name in kind.__annotations__)
    | {"lead_id", "lead_source", "appointment_id", "appointment_status", "conversation_deleted", "erased", "to"}
) - TEXTS.union(_NESTED, {"url", "from"}, *FIELDS.values())
"""Fields that stay: ids, categories, numbers and moments of the contract, and what figures read besides.

What is neither here nor among TEXTS goes: a publisher may send any further field, and who knows what is in it.
"""

FREE_TEXT = frozenset({"stall_type", "failure_reason", "stage", "lead_source", "model_version", "script_version"})
"""Of these, the words of publishers by which figures are split: one that names an erased contact is replaced too."""

MOST_COUNTED = 64
"""Characters of a text by which figures are split."""

_NAMES = frozenset({"name", "contactname", "fullname"})
_PARTS = ("firstname", "lastname")
_OF_OTHERS = ("agent", "assigned", "listing", "office", "owner", "user")
"""How the names of fields begin that tell of those who work for the person: their numbers stay in what others say."""

_SPELLING = re.compile(r"[_\-. ]")
_REACHED_BY = frozenset(_SPELLING.sub("", name) for name in FIELDS["phone"] | FIELDS["email"])


def is_erased(text: object) -> bool:
    """Return whether a text stands for one that was erased."""
    return isinstance(text, str) and _ERASED.fullmatch(text) is not None


def contacts_in(kind: str, subject: str | None, data: Mapping[str, Any]) -> set[str]:
    """Return the contacts that an event is about: its subject, the one in its data, the one of an item."""
    named = {subject, data.get("contact_id"), data.get("lead_id")}
    if kind == "attention_update":
        named.add(str(data.get("item")).partition(":")[2])
    return {name for name in named if isinstance(name, str) and name}


@dataclass
class Identifiers:
    """What a person is known by: names, telephone numbers (digits) and mail addresses, as far as they are told."""

    names: set[str] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)
    emails: set[str] = field(default_factory=set)
    shared: set[str] = field(default_factory=set)
    """Of the numbers and addresses, those that another contact has as well: his texts keep them."""

    def read(self, data: Any, deal: bool = False) -> None:
        """Add what a contact's data or copy says, at any depth; the name of a deal is none of a person."""
        if isinstance(data, list):
            for each in data:
                self.read(each)
        if not isinstance(data, dict):
            return
        spelled = {_SPELLING.sub("", key).lower(): value for key, value in data.items()}
        for key, value in spelled.items():
            if key.startswith(_OF_OTHERS):
                continue
            for text in _told(value):
                self._add(key, text, deal)
            self.read(value)
        first, last = (next(_told(spelled.get(part)), "") for part in _PARTS)
        if first and last:
            self._add("fullname", f"{first} {last}", deal=False)

    def _add(self, key: str, text: str, deal: bool) -> None:
        if is_erased(text):
            return
        if "@" in text and "email" in key and len(text) <= 320:
            self.emails.add(text.strip())
        digits = re.sub(r"\D", "", text)
        if ("phone" in key or "mobile" in key) and 7 <= len(digits) <= 15:
            self.phones.add(digits)
        if key in _NAMES and not deal and 2 <= len(text.strip()) <= 200:
            self.names.add(" ".join(text.split()))

    def share(self, data: Any) -> None:
        """Note which numbers and addresses another contact's data or copy has in a field: his own, the office's."""
        if isinstance(data, list):
            for each in data:
                self.share(each)
        if not isinstance(data, dict):
            return
        for key, value in data.items():
            spelled = _SPELLING.sub("", key).lower()
            if spelled in _REACHED_BY or spelled.startswith(_OF_OTHERS):
                told = {text.strip().casefold() for text in _told(value)}
                numbers = {_national(re.sub(r"\D", "", text)) for text in told}
                self.shared |= {each for each in self.emails if each.casefold() in told}
                self.shared |= {each for each in self.phones if _national(each) in numbers}
            self.share(value)

    def leave(self, data: Mapping[str, Any]) -> None:
        """Drop names that are what figures of others are split by: "New Lead" is what the office calls a stage."""
        called = {text.casefold() for name in FREE_TEXT for text in _told(data.get(name))}
        self.names = {name for name in self.names if name.casefold() not in called}

    def as_json(self) -> dict[str, list[str]]:
        """Return them as JSON, for an erasure that goes on after a restart."""
        return {name: sorted(values) for name, values in vars(self).items()}

    @classmethod
    def from_json(cls, stored: Mapping[str, Iterable[str]]) -> "Identifiers":
        return cls(**{name: set(values) for name, values in stored.items()})

    def pattern(self, shared: bool) -> re.Pattern[str] | None:
        """Return what finds them in any text, however spelled: whole names of two words or more; None without any.

        `shared` says whether numbers and addresses that another contact has too are among them.
        """
        left_out = set[str]() if shared else self.shared
        found = [re.escape(address) for address in self.emails - left_out]
        found += [_digits(number) for number in self.phones - left_out]
        whole = (name.split() for name in self._whole_names())
        found += [_word(r"\s+".join(map(re.escape, parts))) for parts in whole]
        return re.compile("|".join(sorted(found, key=len, reverse=True)), re.IGNORECASE) if found else None

    def _whole_names(self) -> list[str]:
        return [name for name in self.names if len(name.split()) > 1 and len(name) > 4]

    def nearby(self) -> re.Pattern[str] | None:
        """Return what finds a part of a name: for texts that are about nobody else; None without any."""
        parts = {part for name in self.names for part in name.split() if len(part) > 3 and part.isalpha()}
        return re.compile("|".join(_word(re.escape(part)) for part in sorted(parts))) if parts else None

    def in_files(self) -> list[str]:
        """Return those that are the person's alone, as they stand in files."""
        return sorted({*self._whole_names(), *self.phones, *self.emails} - self.shared)


def _told(value: object) -> Iterator[str]:
    """Yield the texts of a value, or of a change from one to another."""
    values = [value.get("from"), value.get("to")] if isinstance(value, dict) else [value]
    for each in values:
        if isinstance(each, str) and each:
            yield each
        elif isinstance(each, int) and not isinstance(each, bool):  # a number as spreadsheets have it
            yield str(each)


def _national(number: str) -> str:
    """Return a number's digits without its country code."""
    return number[-10:]


def _digits(number: str) -> str:
    """Return the pattern of a number with or without its country code, whatever stands between the digits."""
    national = _national(number)
    prefix = rf"(?:\+?{number[:-10]}\D{{0,2}})?" if len(number) > 10 else ""
    digits = r"\D{0,2}".join(national)
    return rf"(?<!\d){prefix}\(?{digits}(?!\d)"


def _word(pattern: str) -> str:
    """Return the pattern of what is no part of a longer word."""
    return rf"(?<!\w){pattern}(?!\w)"


class Eraser:
    """Takes what is personal out of events; the same key replaces the same text by the same word.

    `contacts` are the ids of one person, `deals` those of its deals.
    """

    def __init__(
        self, key: bytes, contacts: Collection[str] = (), deals: Collection[str] = (), known: Identifiers | None = None
    ) -> None:
        self._key = key
        self.contacts, self.deals = frozenset(contacts), frozenset(deals)
        known = known or Identifiers()
        self.pattern, self._nearby = known.pattern(shared=False), known.nearby()
        self._counted = known.pattern(shared=True) if known.shared else self.pattern
        self.renamed: dict[str, str] = {}
        """By what a text by which figures are split was replaced, of those that name the person."""

    def word(self, text: str) -> str:
        """Return what replaces a text."""
        if not text or is_erased(text):
            return text
        return f"[erased {blake2b(text.encode(), key=self._key, digest_size=6).hexdigest()}]"

    def counted(self, text: str) -> str:
        """Return a text by which figures are split: as it is, unless it names the person."""
        found = self._counted is not None and self._counted.search(text)
        return self.word(text[:MOST_COUNTED]) if found else text

    def is_about(self, kind: str, subject: str | None, data: Mapping[str, Any]) -> bool:
        """Return whether an event is about the person."""
        if not self.contacts.isdisjoint(contacts_in(kind, subject, data)):
            return True
        return data.get("deal_id") in self.deals

    def erased(self, kind: str, subject: str | None, data: Data) -> Data:
        """Return the data of an event without what is personal: all of it where it is about the person.

        Of an event about somebody else, or about nobody, what names the person in passing.
        """
        if self.is_about(kind, subject, data):
            return self.about(kind, data)
        nobody = not contacts_in(kind, subject, data)
        return {name: self._mentioned(name, value, nobody) for name, value in data.items()}

    def about(self, kind: str, data: Data) -> Data:
        """Return the data of an event about the person, without what is personal."""
        erased: Data = {}
        for name, value in data.items():
            if name == "body":
                erased[name] = self._body(kind, data, value)
            elif name in TEXTS and name != "failure_detail":
                erased[name] = self._words(value)
            elif name == "changed" and isinstance(value, dict):
                erased[name] = {field: self._change(field, change) for field, change in value.items()}
            elif name in _NESTED and isinstance(value, dict):
                erased[name] = {key: each for key, each in value.items() if isinstance(each, int | float)}
            elif name in KEPT:
                erased[name] = self._kept(name, value)
        return erased

    def without(self, kind: str, data: Data, fields: Collection[str]) -> Data:
        """Return the data of an event with these fields of it, and changes of them, replaced or gone."""
        erased: Data = {}
        for name, value in data.items():
            if name == "changed" and isinstance(value, dict):
                erased[name] = {key: self._change(key, each) if key in fields else each for key, each in value.items()}
            elif name == "property" or name not in fields:
                erased[name] = value
            elif name == "body":
                erased[name] = self._body(kind, data, value)
            elif name in TEXTS:
                erased[name] = self._words(value)
        return erased

    def _body(self, kind: str, data: Data, body: Any) -> Any:
        """Return what replaces a message: it opts out, or confirms that, as the one before."""
        if not isinstance(body, str) or is_erased(body):
            return body
        if kind == "conversation_event":
            if (said := plain_consent(data)) is not None:
                return said
            if confirms(body):
                return f"{self.word(body)} unsubscribed"
        return self.word(body)

    def _words(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._words(each) for each in value]
        return self.word(value) if isinstance(value, str) else None

    def _change(self, name: str, change: Any) -> Any:
        if not isinstance(change, dict) or name in ("deleted", "assigned_to", "merged_into"):
            return change
        return {side: self._changed(change[side]) for side in ("from", "to") if side in change}

    def _changed(self, value: Any) -> Any:
        return value if value is None or isinstance(value, bool) else self.word(str(value))

    def _kept(self, name: str, value: Any) -> Any:
        if isinstance(value, list):
            return [self.counted(each) for each in value if isinstance(each, str)]
        if isinstance(value, dict):
            return None
        return self.counted(value) if name in FREE_TEXT and isinstance(value, str) else value

    def _mentioned(self, name: str, value: Any, nobody: bool) -> Any:
        """Return a value of an event that is not about the person; another's own name and number stay his."""
        if isinstance(value, str):
            if name in FREE_TEXT:
                return self.counted(value)
            if name in _IDS or name.endswith("_id"):
                return value
            return value if name in _OWN and not nobody else self.replaced(value, nobody)
        if isinstance(value, list):
            if name == "ml_features_triggered":
                return [self.counted(each) if isinstance(each, str) else each for each in value]
            return [self._mentioned(name, each, nobody) for each in value]
        if isinstance(value, dict):
            inner = name if name in _OWN else ""
            return {key: self._mentioned(inner or key, each, nobody) for key, each in value.items()}
        return value

    def replaced(self, text: str, nobody: bool = False) -> str:
        """Return a text with ERASED where it names the person."""
        if self.pattern is not None:
            text = self.pattern.sub(ERASED, text)
        return self._nearby.sub(ERASED, text) if nobody and self._nearby is not None else text

    def in_state(self, text: str, nobody: bool = False) -> str:
        """Return a text of what was counted from events, as it is counted from them without what is personal."""
        return self.renamed.get(text) or self.replaced(text, nobody)

    def finds(self, text: str) -> bool:
        """Return whether a text names the person."""
        return self.pattern is not None and self.pattern.search(text) is not None

    def may_mention(self, body: str) -> bool:
        """Return whether a text may be about the person, or name it: whether it must be read."""
        if any(name in body for name in (*self.contacts, *self.deals)):
            return True
        return any(pattern is not None and pattern.search(body) for pattern in (self._counted, self._nearby))


_IDS = frozenset({"item", "by", "to", "agent_name", "labelled_by", "bot_type", "component"})

_OWN = FIELDS["name"] | FIELDS["phone"] | FIELDS["email"] | FIELDS["address"]
"""Fields by which another contact is called: they are his, whoever is called the same."""


_ID_WORD = re.compile(r"[\w-]+")
_BREAKS = "".join(chr(code) if _ID_WORD.match(chr(code)) else " " for code in range(128))
"""Leaves of a text in ASCII its words alone, three times as fast: webhooks are read on the event loop."""


def names_one_of(text: str, ids: frozenset[str]) -> bool:
    """Return whether a text has one of these ids as a word of its own, in one pass however many they are."""
    by_word = _by_word(ids)
    words = text.translate(_BREAKS).split() if text.isascii() else _ID_WORD.findall(text)
    if "" not in by_word and by_word.keys().isdisjoint(words):
        return False
    some = by_word.keys() & {*words, ""}
    return any(name == word or _stands(name, text) for word in some for name in by_word[word])


def _stands(name: str, text: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text) is not None


@lru_cache(maxsize=64)
def _by_word(ids: frozenset[str]) -> dict[str, list[str]]:
    """Return ids by the longest word of each, which a text must have where it has the id."""
    found: dict[str, list[str]] = {}
    for name in filter(None, ids):
        found.setdefault(max(_ID_WORD.findall(name), key=len, default=""), []).append(name)
    return found


_STRUCTURE = re.compile(
    r"id|.*(?:Id|_id|ID)|.*(?:At|_at)|.*(?:Date|_date)|date\w*|(?:start|end)\w*Time|timestamp|event|kind|direction|channel"
    r"|.*(?:[tT]ype|[sS]tatus|[sS]tage\w*|[pP]ipeline\w*)|currency|dnd|deleted|monetaryValue|lead_value|amount"
    r"|.*(?:_ms|_seconds|[dD]uration)"
)
"""Keys of a vendor's body that say which thing it is, how it stands and since when."""


def structure_of(body: Any) -> Any:
    """Return of a vendor's body what is no word of a person: ids, kinds, states, amounts and moments."""
    if isinstance(body, dict):
        kept = {key: structure_of(value) for key, value in body.items() if _is_structure(key, value)}
        return {key: value for key, value in kept.items() if value not in ({}, [])}
    if isinstance(body, list):
        return [structure_of(each) for each in body if isinstance(each, dict | list)]
    return body


def _is_structure(key: str, value: Any) -> bool:
    return isinstance(value, dict | list) or _STRUCTURE.fullmatch(key) is not None
