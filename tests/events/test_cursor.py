"""The cursor as text."""

import pytest

from jorge_data.errors import Invalid
from jorge_data.events import Cursor


@pytest.mark.parametrize(
    ("text", "cursor"),
    [("7f3a91c2:48211", Cursor("7f3a91c2", 48211)), (":0", Cursor("", 0)), ("a:b:007", Cursor("a:b", 7))],
)
def test_a_cursor_is_an_epoch_and_a_position(text: str, cursor: Cursor) -> None:
    assert Cursor.parse(text) == cursor


def test_a_cursor_reads_back_as_it_was_written() -> None:
    assert Cursor.parse(str(Cursor("7f3a91c2", 10**17))) == Cursor("7f3a91c2", 10**17)


@pytest.mark.parametrize(
    "text", ["", "7", "latest", "e:", "e:-1", "e:+1", "e: 1", "e:1.0", "e:²", "e:٣", "e:" + "9" * 19]
)
def test_another_text_is_refused_by_name(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        Cursor.parse(text)
    assert str(refused.value) == f"cursor {text!r}: allowed is <epoch>:<seq>, as in 7f3a91c2:48211"
