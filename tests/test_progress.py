"""What is shown of a long work, to a person at a terminal and to a file."""

import io

import pytest

from jorge_data.progress import progress, silent


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_where_nobody_looks_each_tenth_is_one_line() -> None:
    stream = io.StringIO()
    with progress("import", stream) as show:
        for done in range(101):
            show(done / 100, f"{done} events")
    lines = stream.getvalue().splitlines()
    assert lines == [f"import: {tenth} %, {tenth} events" for tenth in range(10, 101, 10)]


def test_at_a_terminal_there_is_a_bar_that_ends_full() -> None:
    stream = Terminal()
    with progress("import", stream) as show:
        show(0.5, "7 events")
        show(1.0, "14 events")
    last = next(line for line in reversed(stream.getvalue().splitlines()) if "import" in line)
    assert "100%" in last
    assert "14 events" in last


def test_silence_shows_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with silent("import") as show:
        show(0.5, "7 events")
    assert capsys.readouterr() == ("", "")
