"""What a table's rows are, by its columns: events of the contract, or a row of a CRM's own export."""

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

import orjson

from jorge_data.errors import Fault
from jorge_data.events.encoding import show
from jorge_data.files.cells import Notation, read_cell
from jorge_data.files.columns import NAMES, OTHER_DATA, PREFIX, SET_BY_SERVER, assemble
from jorge_data.files.line import FileLine, FileRefused
from jorge_data.files.table import TableRow, is_empty
from jorge_data.vendors.gohighlevel import SOURCE
from jorge_data.vendors.gohighlevel.export_file import CREATED, ExportForm, export_form, read_export
from jorge_data.vendors.gohighlevel.names import slug
from jorge_data.vendors.moments import read_moment
from jorge_data.vendors.money import ALLOWED, read_money

_SHUFFLED_DATE = re.compile(r"[0-9]{1,2}[/.-][0-9]{1,2}[/.-]")
_ALLOWED_CLOCK = "allowed: as GoHighLevel writes it, 2026-06-08T10:28:39-07:00 or Jul 22 2026 02:09 PM"
_SWITCH = {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}


class Office(NamedTuple):
    """What a CRM's export does not say of itself: whose it is, and the zone of its times."""

    location: str | None = None
    zone: ZoneInfo = ZoneInfo("UTC")


class RowForm(Protocol):
    """What the rows of a file are, in words, and how one of them is read."""

    @property
    def what(self) -> str: ...

    def read(self, row: TableRow) -> Iterator[FileLine]:
        """Yield the events of a row, each as a line with the row's number, or one line with its faults."""


def form_of(path: Path, columns: list[str], office: Office, notation: Notation = "typed") -> RowForm:
    """Return what the rows under these columns are; raise FileRefused, with the columns, where they are neither."""
    export = None if _is_contract(columns) else export_form(columns)
    if export is not None:
        return _ExportRows(path, export, columns, office, notation)
    strange = [name for name in columns if name not in (*NAMES, OTHER_DATA, *SET_BY_SERVER) and not _is_data(name)]
    if strange or "type" not in columns:
        fault = f"not allowed: {_shown(strange)}" if strange else "missing: type"
        raise FileRefused(
            path,
            f"has the columns {_shown(columns)}; {fault}. Wanted are events ({', '.join(NAMES)}, {PREFIX}<field> or "
            f"{OTHER_DATA}), or GoHighLevel's export of contacts (Contact Id, First Name, Phone, …) or of "
            "opportunities (Opportunity ID, Opportunity Name, Lead Value, status, …)",
        )
    return _EventRows(notation)


def is_known(columns: list[str]) -> bool:
    """Return whether columns are of events or of a CRM's export, as far as a few of them say."""
    return _is_contract(columns) or export_form(columns) is not None


class _EventRows:
    what = "events"

    def __init__(self, notation: Notation) -> None:
        self._notation = notation

    def read(self, row: TableRow) -> Iterator[FileLine]:
        cells, faults = {}, list(row.faults)
        for name, cell in row.cells.items():
            try:
                cells[name] = read_cell(name, cell, self._notation)
            except ValueError as error:
                faults.append(Fault(f"/{name}", show(cell), str(error)))
        if faults:
            yield FileLine(row.number, row.share, _as_read(row), tuple(faults))
        else:
            yield FileLine(row.number, row.share, assemble(cells))


class _ExportRows:
    """Rows of GoHighLevel's export: each is translated like a webhook, and its events named by what they say."""

    def __init__(self, path: Path, form: ExportForm, columns: list[str], office: Office, notation: Notation) -> None:
        self.what = f"GoHighLevel's export of {form.what}"
        self._form = form
        self._office = office
        self._notation = notation
        self._columns = {slug(name): name for name in reversed(columns)}
        if missing := [title for name, title in form.required.items() if name not in self._columns]:
            raise FileRefused(path, f"{self.what} without {', '.join(missing)}; it has the columns {_shown(columns)}")
        if not any(clock in self._columns for clock in form.clocks):
            raise FileRefused(
                path,
                f"{self.what} without a date; wanted is a column Updated, Last Activity or Created, beside "
                f"{_shown(columns)}",
            )
        if office.location is None:
            raise FileRefused(path, f"{self.what}, which names no location; say with --location whose it is")

    def read(self, row: TableRow) -> Iterator[FileLine]:
        faults = list(row.faults)
        cells = {name: self._cell(name, cell, faults) for name, cell in row.cells.items()}
        events = [] if faults else self._events(row, cells, faults)
        if not events and not faults:
            faults.append(Fault("", "the row", f"says nothing of one of the {self._form.what} but its id"))
        if faults:
            yield FileLine(row.number, row.share, _as_read(row), tuple(faults))
        for event in events:
            yield FileLine(row.number, row.share, _named(event, self._office.location))

    def _events(self, row: TableRow, cells: dict[str, Any], faults: list[Fault]) -> list[dict[str, Any]]:
        """Return the events of a row whose cells could be read; a fault is added where the row has no sense."""
        clocks = [self._columns[name] for name in self._form.clocks if name in self._columns]
        at = next((cells[clock] for clock in clocks if cells[clock] is not None), None)
        if at is None:
            faults.append(Fault(f"/{clocks[0]}", "empty", f"allowed: a date, in one of {', '.join(clocks)}"))
            return []
        created = next((cells[self._columns[name]] for name in CREATED if name in self._columns), None)
        try:
            return read_export(self._form, cells, at, created)
        except ValueError as error:
            faults.append(self._fault(str(error), row.cells))
            return []

    def _cell(self, column: str, cell: Any, faults: list[Fault]) -> Any:
        """Return a cell by its column's type, None where it is empty; a fault is added where it cannot be read."""
        if is_empty(cell):
            return None
        name = slug(column)
        try:
            if name in self._form.clocks or name in CREATED:
                return _clock(cell, self._office.zone)
            if name in self._form.money:
                return _money(cell)
            if name in self._form.switches:
                return _switch(cell)
            return _text(name, cell, self._notation)
        except ValueError as error:
            faults.append(Fault(f"/{column}", show(cell), str(error)))
            return None

    def _fault(self, error: str, cells: dict[str, Any]) -> Fault:
        """Return the fault that the translation found, with the column for the webhook's field that it names."""
        for name, field in self._form.fields.items():
            if error.startswith(f"{field} is ") and name in self._columns:
                column = self._columns[name]
                return Fault(f"/{column}", show(cells.get(column)), error.partition(": ")[2] or error)
        return Fault("", "the row", error)


def _money(cell: Any) -> float:
    amount = read_money(float(cell) if isinstance(cell, Decimal) else cell)
    if amount is None:
        raise ValueError(f"allowed: {ALLOWED}")
    return amount


def _switch(cell: Any) -> bool:
    word = str(cell).strip().lower()
    if word not in _SWITCH:
        raise ValueError("allowed: true, false, yes, no")
    return _SWITCH[word]


def _text(name: str, cell: Any, notation: Notation) -> str | None:
    if isinstance(cell, datetime | date):  # a spreadsheet's own: a birthday, a field of the office's
        return cell.isoformat().removesuffix("T00:00:00")
    is_digits = name.endswith("_id") or name in ("phone", "postal_code")
    text = read_cell("subject" if is_digits else "data.name", cell, notation)
    return None if text is None else str(text).strip()


def _clock(cell: Any, zone: ZoneInfo) -> datetime:
    """Return a moment of an export, in a zone where it names none; `03/04/2026`, which a spreadsheet made, is none."""
    if isinstance(cell, datetime):
        return (cell if cell.tzinfo else cell.replace(tzinfo=zone)).astimezone(UTC)
    is_shuffled = isinstance(cell, str) and _SHUFFLED_DATE.match(cell.strip())
    moment = None if is_shuffled else read_moment(cell, zone)
    if moment is None:
        raise ValueError(_ALLOWED_CLOCK)
    return moment


def _named(event: dict[str, Any], location: str | None) -> dict[str, Any]:
    """Return an event named by its content: the same row, in whichever file and line, is the same event."""
    content = orjson.dumps([event["type"], event["time"], event["data"]], option=orjson.OPT_SORT_KEYS)
    name = f"export-{hashlib.blake2b(content, digest_size=16).hexdigest()}"
    return {"id": name, "source": SOURCE, "locationid": location, **event}


def _is_contract(columns: list[str]) -> bool:
    return any(_is_data(name) for name in columns) or ("type" in columns and export_form(columns) is None)


def _is_data(column: str) -> bool:
    return column.startswith(PREFIX) and column != PREFIX


def _as_read(row: TableRow) -> dict[str, Any]:
    """Return a row for the file of refused lines: what is in its cells, without the empty ones."""
    return {
        name: cell if isinstance(cell, str | int | float | bool) else str(cell)
        for name, cell in row.cells.items()
        if not is_empty(cell)
    }


def _shown(columns: list[str]) -> str:
    names = ", ".join(map(show, columns[:20]))
    return f"{names} and {len(columns) - 20} more" if len(columns) > 20 else names or "none"
