"""What is stored of an entity without what is personal, and with the figures that it had."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import orjson

from jorge_data.events.personal import Eraser
from jorge_data.metrics.entities.bot import Bot
from jorge_data.metrics.entities.contact import Contact
from jorge_data.metrics.entities.contact_row import contact_row
from jorge_data.metrics.entities.conversation import Conversation
from jorge_data.metrics.entities.cube import CUBES, FREE
from jorge_data.metrics.entities.deal import Deal, deal_row
from jorge_data.metrics.rules import Rules

FREE_DIMS: Mapping[str, tuple[tuple[int, str], ...]] = {
    kind: tuple((place, dim) for place, dim in enumerate(cube.dims) if dim in FREE) for kind, cube in CUBES.items()
}
"""Of each kind of fact the places of the dimensions that publishers make up, and their names."""


class StoredEntity(NamedTuple):
    """An entity as it is stored: whose it is, its name, its row in lists and its state, both JSON."""

    family: str
    key: str
    name: str
    summary: bytes
    state: bytes


def erased_entity(entity: StoredEntity, eraser: Eraser, rules: Rules) -> StoredEntity:
    """Return an entity without what is personal of the person that an eraser is for; the same where nothing is."""
    family, key = entity.family, entity.key
    if family == "contact" and key in eraser.contacts:
        contact = Contact.load(key, entity.state)
        erase_contact(contact, eraser)
        return _with(entity, contact.dump(), contact_row(contact))
    if family == "deal":
        deal = Deal.load(key, entity.state)
        if key in eraser.deals or deal.detail("contact_id") in eraser.contacts:
            deal.forget_name()
            entity = _with(entity, deal.dump(), deal_row(deal, rules))
    elif family == "conversation":
        conversation = Conversation.load(entity.state)
        if not eraser.contacts.isdisjoint(conversation.contacts):
            conversation.consents = [each._replace(words=eraser.word(each.words)) for each in conversation.consents]
            return entity._replace(state=conversation.dump())
    elif family == "bot":
        bot = Bot.load(key, entity.state)
        if bot.report is not None and bot.report.contact in eraser.contacts:
            bot.report = bot.report._replace(step=eraser.word(bot.report.step), error=eraser.word(bot.report.error))
            entity = entity._replace(state=bot.dump())
    return _without_mentions(entity, eraser)


def with_old_fields_erased(entity: StoredEntity, eraser: Eraser, field: str, before: int) -> StoredEntity:
    """Return a contact without what it quotes of a field of events from before a moment (microseconds)."""
    contact = Contact.load(entity.key, entity.state)

    def is_old(record: Any) -> bool:
        return bool(record.at < before)

    if field == "name" and contact.name is not None and is_old(contact.name):
        contact.name = None
    if field == "note" and contact.seller is not None and is_old(contact.seller):
        contact.seller = contact.seller._replace(next_step=eraser.word(contact.seller.next_step))
    contact.details.forget(field, before)
    if field == "note":
        contact.acts.forget_notes(before)
    if field == "body":
        contact.said = None if contact.said is not None and is_old(contact.said) else contact.said
        for records in (contact.callbacks, contact.consents, contact.sends):
            _erase_words(records, eraser.word, is_old)
    return _with(entity, contact.dump(), contact_row(contact))


def erase_contact(contact: Contact, eraser: Eraser) -> None:
    """Take out of a contact what is personal."""
    contact.name = contact.said = None
    contact.details.erase(eraser.counted)
    contact.acts.erase()
    if contact.seller is not None:
        contact.seller = contact.seller._replace(next_step=eraser.word(contact.seller.next_step))
    contact.steps = [step._replace(failure="") for step in contact.steps]
    contact.answers = [each._replace(stall_type=eraser.counted(each.stall_type)) for each in contact.answers]
    for records in (contact.callbacks, contact.consents, contact.sends):
        _erase_words(records, eraser.word, lambda record: True)


def _erase_words(records: list[Any], word: Callable[[str], str], is_old: Callable[[Any], bool]) -> None:
    records[:] = [
        each._replace(words=word(each.words)) if is_old(each) and not _is_plain(each.words) else each
        for each in records
    ]


def _is_plain(words: str) -> bool:
    """Return whether words are one key word, as STOP, or a step of the sequence: they name nobody."""
    return (words.isupper() and " " not in words) or words.startswith("day ")


def _with(entity: StoredEntity, state: bytes, row: Mapping[str, Any]) -> StoredEntity:
    return entity._replace(state=state, summary=orjson.dumps(row), name=str(row["name"]))


def _without_mentions(entity: StoredEntity, eraser: Eraser) -> StoredEntity:
    """Return an entity of somebody else without what names the person; a contact's own name stays."""
    is_nobodys = entity.family == "component" or (entity.family == "bot" and Bot.load("", entity.state).contact is None)
    own = entity.name if entity.family == "contact" and entity.name != entity.key else None
    texts = entity.summary.decode(), entity.state.decode()
    if not any(map(eraser.may_mention, texts)):
        return entity

    def walked(value: Any) -> Any:
        if isinstance(value, str):
            return value if value == own else eraser.in_state(value, is_nobodys)
        if isinstance(value, list):
            return [walked(each) for each in value]
        return {key: walked(each) for key, each in value.items()} if isinstance(value, dict) else value

    summary, state = (orjson.dumps(walked(orjson.loads(text))) for text in texts)
    name = own or (entity.key if entity.name == entity.key else eraser.in_state(entity.name))
    return entity._replace(name=name, summary=summary, state=state)
