"""What the search of every page finds: pages, contacts, deals and saved views, as far as the user may see each.

The event server decides of contacts, deals and views as it does wherever they are listed: it is asked by the user's
token, and puts contacts and deals in order. Here they are put in words.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from jorge_data.dashboard.context import UserContext
from jorge_data.dashboard.query.requests import TableRequest, equals
from jorge_data.dashboard.ui.navigation import ENTRIES, NavigationEntry
from jorge_data.errors import RequestRefused
from jorge_data.events.spelling import fold
from jorge_data.metrics.formatting import SIGNS, joined, line, money
from jorge_data.metrics.names import value_words
from jorge_data.permissions import may_see_kind, may_see_page
from jorge_data.telephone import written

LONGEST = 128
SHOWN = 8
"""Rows of a group."""

ALSO: Mapping[str, str] = {
    "command-center": "home wall live needs you",
    "qualification": "sellers funnel temperature hot",
    "sequences": "3-7-30 follow-up steps calls",
    "ml": "intent decoder accuracy labels labelling",
    "revenue": "money commission deals pipeline forecast",
    "response": "answer speed agents waiting leader board",
    "conversations": "contacts people messages timeline",
    "properties": "homes matches alerts",
    "explore": "questions charts analyse",
    "system": "health uptime errors components",
    "connect": "setup tokens webhooks integrations gohighlevel",
    "audit": "who did what log",
}
"""By which words a page is found beside its title."""


class Hit(NamedTuple):
    """Something that was found: what it is called, what is said of it, and which page shows it."""

    title: str
    note: str
    page: str
    parameters: Mapping[str, Any] = {}
    temperature: str = ""
    whole: bool = False
    """Whether the parameters are all of the link, which takes nothing along from the page that is left."""

    def as_json(self) -> dict[str, Any]:
        target = {"page": self.page, "parameters": self.parameters, "whole": self.whole}
        mark = SIGNS.get(self.temperature, "")
        return {"title": self.title, "note": self.note, "mark": mark, "tone": self.temperature, "open": target}


class Found(NamedTuple):
    """Those that are shown, who is meant first, and how many there are of them and of others."""

    hits: Sequence[Hit]
    total: int


def search(context: UserContext, location: str, text: object) -> dict[str, Any]:
    """Return what is found at an office, in groups, and what could not be searched; without a text, pages and views."""
    sought = text.strip()[:LONGEST] if isinstance(text, str) else ""
    groups: list[dict[str, Any]] = []
    failed: dict[str, list[str]] = {}

    def add(title: str, find: Callable[[UserContext, str, str], Found]) -> None:
        try:
            found = find(context, location, sought)
        except RequestRefused as refusal:
            failed.setdefault(str(refusal), []).append(title)
            return
        if found.hits:
            rows = [hit.as_json() for hit in found.hits[:SHOWN]]
            groups.append({"title": title, "rows": rows, "more": max(0, found.total - len(rows))})

    role = context.grant_at(location).role
    if sought and may_see_kind(role, "contacts"):
        add("Contacts", _contacts)
    if sought and may_see_kind(role, "deals"):
        add("Deals", _deals)
    add("Pages", _pages)
    add("Saved views", _views)
    sentences = [f"{_all_of(titles)} could not be searched: {why.rstrip('.')}." for why, titles in failed.items()]
    return {"q": text, "groups": groups, "failed": sentences}


def _all_of(titles: Sequence[str]) -> str:
    """Return titles as a sentence begins with them: "Contacts, deals and saved views"."""
    first, *others = (title if at == 0 else title.lower() for at, title in enumerate(titles))
    return f"{', '.join([first, *others[:-1]])} and {others[-1]}" if others else first


def _contacts(context: UserContext, location: str, text: str) -> Found:
    columns = ("contact_id", "name", "phone", "email", "temperature")
    rows, total = _rows(context, TableRequest(location, "contacts", columns=columns, q=text, limit=SHOWN))
    hits = [
        Hit(
            line(row["name"]),
            joined(written(row["phone"] or ""), line(row["email"])),
            "conversations",
            {"contact": row["contact_id"]},
            row["temperature"] or "",
        )
        for row in rows
    ]
    return Found(hits, total)


def _deals(context: UserContext, location: str, text: str) -> Found:
    columns = ("deal_id", "name", "stage", "status", "value")
    rows, total = _rows(context, TableRequest(location, "deals", columns=columns, q=text, limit=SHOWN))
    hits = [
        Hit(
            line(row["name"]),
            joined(
                money(round(100 * row["value"])),
                value_words(line(row["stage"]), "stage"),
                value_words(row["status"], "status"),
            ),
            "revenue",
            {"drill": TableRequest(location, "deals", (equals("deal_id", row["deal_id"]),)).token()},
        )
        for row in rows
        if "," not in row["deal_id"]
    ]
    return Found(hits, total - (len(rows) - len(hits)))  # no link can name what is left out


def _rows(context: UserContext, request: TableRequest) -> tuple[list[dict[str, Any]], int]:
    table = context.client.table(request)
    return [dict(zip(request.columns, row, strict=True)) for row in table.rows], table.total


def _pages(context: UserContext, location: str, text: str) -> Found:
    role, words = context.grant_at(location).role, fold(text).split()

    def rank(entry: NavigationEntry) -> int | None:
        title = fold(entry.title)
        if all(f" {word}" in f" {title}" for word in words):
            return 0
        return 1 if all(f" {word}" in f" {title} {ALSO.get(entry.path, '')}" for word in words) else None

    ranked = [(rank(entry), entry) for entry in ENTRIES if may_see_page(role, entry.path)]
    listed = sorted((each for each in ranked if each[0] is not None), key=lambda each: each[0] or 0)
    return Found([Hit(entry.title, entry.section, entry.path) for _, entry in listed], len(listed))


def _views(context: UserContext, location: str, text: str) -> Found:
    words, titles = fold(text).split(), {entry.path: entry.title for entry in ENTRIES}
    hits = [
        Hit(line(view["name"]), titles[view["page"]], view["page"], view["parameters"], whole=True)
        for view in context.api_at(location).get("/api/views")["views"]
        if view["page"] in titles and all(word in fold(view["name"]) for word in words)
    ]
    return Found(hits, len(hits))
