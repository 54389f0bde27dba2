"""Writes docs/permissions.md from the one table. A test keeps it true."""

from collections.abc import Mapping
from pathlib import Path

from jorge_data.permissions import CALLERS, FEED, FIGURES, LIMITED, PAGES, TILES, Caller, kind_rows, rows

PAGE = Path(__file__).parents[1] / "docs" / "permissions.md"

INTRODUCTION = """# Who may do what

Written by `python -m scripts.permissions_page` from `jorge_data/permissions.py`, the one table that the event server
and the dashboard ask; Connect prints it as well. What has no row is for nobody.

A token that is bound to a location has its rights there alone, one that is bound to sources publishes as these alone;
the server's own figures, /metrics, the retention, users and their sessions are of all locations, and so for a token
that is bound to none. Of the audit log it has what was done at its location; logins, users and whether the log is whole
are for a token that is bound to none. A token that is bound to sources makes no tokens, and none that is made outlives
its maker; but a person's, which is for five minutes, makes them for as long as is asked. `anonymous` comes straight
from this machine, where `JORGE_ANONYMOUS=read` lets it read without a token. A token is judged by its own role there
too; a publisher's, whose role reads nothing, reads as anybody.

A dashboard has a token of its own, of the role `dashboard`: with it it lets people in and sees how far a log is, no
event of it and no figure; all else it asks with the token of the person before it. A person has a role at each office;
a grant of every office holds where there is no other.

To act and to label are asked of who uses the dashboard. Whoever may publish may publish events of every kind, these two
among them: the contract lets a front end of one's own say what its users did.

An agent whose token says as which agent of the CRM he works (`agent_id`) sees his own contacts, those whose newest
`contact_update` says so, and who is nobody's: of the log, its timelines, tables and lists, of figures that are split or
filtered by anything beside a kind's own vocabulary (its dimensions: status, channel, temperature, …), of the names, the
board and what needs somebody, and of what bots and components say of whom they work for. It is decided as of now, also
for what is replayed. Whom an event names is read from its `contact_id`, its subject, its item, its deal, and of a label
from its analysis; where one of them is another's, it is left out. Totals are the office's: figures of a kind's own
vocabulary, the tiles, and how many sellers are in progress. What may be about anybody he does not see at all: refusals,
the bodies of deliveries, what a synchronization meets. He publishes about no other contact, gives none away, and takes
for himself what is nobody's. A person's token of the role agent without an `agent_id` sees what is nobody's; a token
that no login made, and that has none, sees everybody's. Of a person's token (`sid` or `agent_id`) `by` and
`labelled_by` are that person: the token's subject, or its name.

What a role may not see is left out where it asks for everything, and its position is passed over: `prev` of a frame,
`position` of a page and the last id of a stream stay right, so that nothing looks like a gap. Asked for by name, it is
refused: 403 (4503 on the socket, `connect_error` by Socket.IO) with the kind and the role.
"""

KINDS = """## Kinds

Kinds of event, of the facts that are derived from them, and of lists.
"""

IN_PART = """"In part": these fields of `data` alone, also in questions; `subject` is null, and unknown fields are left
out. A step, an error and metrics are a publisher's own text, and quote the contact that it works for.
"""


def table(rows: list[dict[str, str]]) -> str:
    """Return rows as a Markdown table."""
    heads = list(rows[0])
    lines = [heads, ["---"] * len(heads), *([row[head] for head in heads] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def seen(head: str, what: Mapping[str, frozenset[Caller]]) -> str:
    """Return who sees each of some things as a Markdown table."""
    return table(
        [{head: name, **{each: "yes" if each in who else "–" for each in CALLERS}} for name, who in what.items()]
    )


def text() -> str:
    """Return the whole page."""
    fields = [
        f"- {role}, `{kind}`: {', '.join(f'`{name}`' for name in sorted(names))}\n"
        for role, limited in LIMITED.items()
        for kind, names in limited.by_kind.items()
    ]
    return "\n".join(
        (
            INTRODUCTION,
            "## Rights\n",
            table(rows()),
            KINDS,
            table(kind_rows()),
            IN_PART,
            "".join(fields),
            "## Figures of `/api/dashboard/metrics` and of a snapshot\n",
            seen("figures", FIGURES),
            "## The live wall\n",
            seen("tile", TILES),
            seen("lines of the feed", FEED),
            "## Pages\n",
            seen("page", PAGES),
        )
    )


if __name__ == "__main__":
    PAGE.write_text(text())
