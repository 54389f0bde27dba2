"""Workbooks of Excel (.xlsx), a row at a time: what Excel shows in a cell, and never its formula."""

import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import Workbook, load_workbook
from openpyxl.utils.escape import unescape
from openpyxl.utils.exceptions import InvalidFileException

from jorge_data.errors import Fault
from jorge_data.events.encoding import show
from jorge_data.files.line import FileRefused
from jorge_data.files.table import Header, Table, TableRow, is_blank
from jorge_data.spreadsheet import unmark_text

_MAX_TEXTS_BYTES = 2**28
"""Of the texts that cells share, which a reader must hold: 256 MiB; a million events have some 100."""

_CHUNK = 2**20
_NO_WORKBOOK = (InvalidFileException, zipfile.BadZipFile, ParseError, KeyError, ValueError, TypeError, EOFError)
_ERRORS = frozenset({"#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!"})


def read_excel(path: Path, is_known: Callable[[list[str]], bool]) -> Table:
    """Read the header of the one sheet whose columns are known, and its rows as they are asked for.

    Where no sheet has known columns, it is the first that is not empty. Raises FileRefused where the file is no
    workbook, or where several sheets could be meant.
    """
    try:
        _check_size(path)
        with _open(path) as book:
            headings = {sheet.title: first for sheet in _sheets(book) if (first := _first_row(sheet))}
        known = [title for title, (_, cells) in headings.items() if is_known(Header(path, cells).columns)]
        if len(known) > 1:
            sheets = ", ".join(map(show, known))
            raise FileRefused(path, f"has {len(known)} sheets of these columns, {sheets}; allowed: one, or a file each")
        if not headings:
            return Table("Excel, an empty workbook", [], iter(()))
        title = known[0] if known else next(iter(headings))
        number, cells = headings[title]
        header = Header(path, cells)
        return Table(f"Excel (sheet {show(title)})", header.columns, _rows(path, title, header, number))
    except _NO_WORKBOOK as error:
        raise FileRefused(path, f"cannot be read as .xlsx: {error}") from None


@contextmanager
def _open(path: Path, values: bool = True) -> Iterator[Workbook]:
    """Open a workbook with the values of its formulas, or with the formulas themselves."""
    with path.open("rb") as file:  # by its name openpyxl would judge it
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions that it leaves out
            book = load_workbook(file, read_only=True, data_only=values, keep_links=False)
        with closing(book):
            yield book


def _check_size(path: Path) -> None:
    with zipfile.ZipFile(path) as packed:
        texts = sum(entry.file_size for entry in packed.infolist() if entry.filename.endswith("sharedStrings.xml"))
    if texts > _MAX_TEXTS_BYTES:
        raise FileRefused(path, f"has {texts:,} bytes of text; allowed: {_MAX_TEXTS_BYTES:,}; save it as CSV UTF-8")


def _sheets(book: Workbook) -> Iterator[Any]:
    """Yield the sheets of a workbook that is only read: each a ReadOnlyWorksheet, which openpyxl's types do not say."""
    for sheet in book.worksheets:
        reader: Any = sheet
        reader.reset_dimensions()  # some writers say A1, and the reader would stop there
        yield reader


def _first_row(sheet: Any) -> tuple[int, list[Any]] | None:
    """Return the number and cells of the first row that is not blank, None where there is none."""
    rows = enumerate(sheet.iter_rows(values_only=True), 1)
    return next(((number, list(cells)) for number, cells in rows if not is_blank(cells)), None)


def _rows(path: Path, title: str, header: Header, header_number: int) -> Iterator[TableRow]:
    with _open(path) as book, _open(path, values=False) as formulas:
        sheet = book[title]
        total = max(sheet.max_row or 1, 1)
        values = (_sheet_rows(one, title) for one in ((book, formulas) if _has_formulas(path) else (book,)))
        for number, (cells, *written) in enumerate(zip(*values, strict=True), 1):
            if number > header_number and not is_blank(cells):
                row = header.row(number, min(1.0, number / total), _filled(map(_cell, cells), header))
                formulas_in_row = header.row(number, 0, _filled(written[0], header)).cells if written else {}
                yield row._replace(faults=(*row.faults, *_faults(row.cells, formulas_in_row)))


def _sheet_rows(book: Workbook, title: str) -> Iterator[tuple[Any, ...]]:
    rows: Iterator[tuple[Any, ...]] = next(sheet for sheet in _sheets(book) if sheet.title == title).iter_rows(
        values_only=True
    )
    return rows


def _filled(cells: Iterable[Any], header: Header) -> list[Any]:
    """Return the cells of a row with those that the file leaves out at its end."""
    given = list(cells)
    return given + [None] * (header.width - len(given))


def _faults(cells: dict[str, Any], written: dict[str, Any]) -> Iterator[Fault]:
    """Yield a fault for each cell that shows an error, and for each formula that was never computed."""
    for name, value in cells.items():
        if value in _ERRORS:
            yield Fault(f"/{name}", show(value), "allowed: a value; this is the error of a formula")
        elif value is None and written.get(name) is not None:
            yield Fault(f"/{name}", show(written[name]), "allowed: a value; open and save it in Excel to compute it")


def _cell(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return unmark_text(unescape(value) if "_x" in value else value)


def _has_formulas(path: Path) -> bool:
    with zipfile.ZipFile(path) as packed:
        for entry in packed.infolist():
            if entry.filename.startswith("xl/worksheets/") and _contains(packed, entry, (b"<f>", b"<f ")):
                return True
    return False


def _contains(packed: zipfile.ZipFile, entry: zipfile.ZipInfo, marks: tuple[bytes, ...]) -> bool:
    with packed.open(entry) as file:
        before = b""
        while chunk := file.read(_CHUNK):
            if any(mark in before + chunk for mark in marks):
                return True
            before = chunk[-2:]
    return False
