"""Writes the tables of what vendors' words mean into docs/integrations.md, from the code. A test keeps them true.

A table stands between `<!-- NAME: python -m scripts.meaning_tables -->` and `<!-- end of NAME -->`.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

from jorge_data.events.consent import EVERY, STOP_WORDS
from jorge_data.events.message_status import RANKS
from jorge_data.vendors.gohighlevel.do_not_contact import ALONE, DND, HAPPENED_NOT, REFUSALS, REFUSED, STANDING
from jorge_data.vendors.gohighlevel.mail_stats import DELIVERIES as MAIL_DELIVERIES
from jorge_data.vendors.gohighlevel.mail_stats import OPTED_OUT
from jorge_data.vendors.gohighlevel.message import CALL_DELIVERIES, DELIVERIES
from jorge_data.vendors.gohighlevel.workflow_form import APPOINTMENT, CONTACT, MESSAGE, OPPORTUNITY, WORK
from jorge_data.vendors.retell.end_reasons import END_REASONS, MEANINGS, SDK

PAGE = Path(__file__).parents[1] / "docs" / "integrations.md"


def rows(*columns: str, of: Iterable[tuple[str, ...]]) -> str:
    """Return a table in Markdown."""
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|", *(f"| {' | '.join(cells)} |" for cells in of)]
    return "\n".join(lines) + "\n"


def end_reasons() -> str:
    """Return the end reasons of Retell's calls, what each means and how it is shown."""
    known = [(f"`{name}`", words, MEANINGS[meaning]) for name, (meaning, words) in END_REASONS.items()]
    unknown = "any other", "unknown reason: …", "no step: neither success nor failure"
    return rows(f"`disconnection_reason` (retell-sdk {SDK})", "on screen", "what it means", of=[*known, unknown])


def do_not_contact() -> str:
    """Return what opts a contact out of each channel: settings, tags and words."""
    columns = "opted out of", "`dndSettings`", "tag, or a refusal of", "message that says nothing else"
    channels = {"SMS": "sms", "e-mail": "email", "calls": "call", "chat": "chat", "every channel": EVERY}
    of_each = [
        (
            words,
            _codes(name for name, of in DND.items() if of == channel),
            "; ".join(filter(None, (_codes(ALONE.get(channel, ())), _codes(REFUSED[channel])))),
            ", ".join(STOP_WORDS.get(channel, ())),
        )
        for words, channel in channels.items()
    ]
    own = "the message's own, of every one where it has none", "", "", ", ".join(STOP_WORDS[None])
    return rows(*columns, of=[*of_each, own]) + (
        f"\nA refusal stands before what it refuses: {_codes(REFUSALS)}; or behind it: {_codes(STANDING)}.\n"
        f"None are {_codes(HAPPENED_NOT)}, which are said of who was not reached.\n"
    )


def mail() -> str:
    """Return what each event of a mail means."""
    meanings = {event: f"`opted_out` of email: {words}" for event, words in OPTED_OUT.items()}
    meanings |= {event: f"the message is `{delivery}`" for event, delivery in MAIL_DELIVERIES.items()}
    told = [(_codes(e for e in meanings if meanings[e] == each), each) for each in dict.fromkeys(meanings.values())]
    return rows("`event`", "what it means", of=[*told, ("any other; `failed` with the severity temporary", "nothing")])


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def delivery() -> str:
    """Return the statuses of outbound messages and calls, and what each says of their delivery."""

    def words(table: dict[str, str], status: str) -> str:
        return ", ".join(f"`{word}`" for word, meaning in table.items() if meaning == status) or " "

    known = [(f"{status}", words(DELIVERIES, status), words(CALL_DELIVERIES, status)) for status in RANKS]
    known.append(("(left open)", "any other", "any other"))
    return rows("`delivery`", "`status` of a message", "`callStatus` of a call", of=known)


def triggers() -> str:
    """Return what a workflow's form may tell beside the contact, where it is read, and what it becomes."""

    def keys(table: dict[str, str]) -> str:
        return ", ".join(f"`{name}`" for name in table)

    return rows(
        "trigger",
        "read from",
        "with",
        "becomes",
        of=[
            (
                "contact, form, tag",
                "the form itself, `contact`",
                keys(CONTACT),
                "`contact_update` and what follows from it",
            ),
            ("opportunity", "`id` beside a deal's fields, `opportunity`", keys(OPPORTUNITY), "`commission_update`"),
            ("customer replied", "`message`, `customData`", keys(MESSAGE), "`conversation_event` (message)"),
            ("call status", "`call`, `callStatus`", keys(MESSAGE), "`conversation_event` (call_ended)"),
            (
                "appointment",
                "`calendar`, `appointment`",
                keys(APPOINTMENT),
                "`conversation_event` (appointment_booked)",
            ),
            ("task", "`task`", keys(WORK), "`conversation_event` (task)"),
            ("note", "`note`", keys(WORK), "`conversation_event` (note)"),
        ],
    )


TABLES: dict[str, Callable[[], str]] = {
    "end reasons": end_reasons,
    "do not contact": do_not_contact,
    "events of mails": mail,
    "delivery": delivery,
    "triggers": triggers,
}
"""Each table by the name in its markers."""


def written(page: str) -> str:
    """Return the page with each table as the code has it; raise ValueError, naming the table whose markers it lacks."""
    for name, table in TABLES.items():
        begin, end = f"<!-- {name}: python -m scripts.meaning_tables -->\n", f"<!-- end of {name} -->"
        if page.count(begin) != 1 or page.count(end) != 1:
            raise ValueError(f"the page has not each of these once: {begin.strip()} {end}")
        before, _, rest = page.partition(begin)
        page = f"{before}{begin}{table()}{end}{rest.partition(end)[2]}"
    return page


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text()))
