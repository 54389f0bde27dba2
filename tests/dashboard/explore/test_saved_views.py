from pathlib import Path

import pytest

from jorge_data.dashboard.explore.saved_views import MOST, Views
from jorge_data.errors import RequestRefused


@pytest.fixture
def views(tmp_path: Path) -> Views:
    return Views(tmp_path / "views.json")


def test_a_view_is_there_for_the_next_process(views: Views, tmp_path: Path) -> None:
    views.save(" hot by day ", {"x_kind": "seller_move", "x_by": ["to"]})
    assert Views(tmp_path / "views.json").all() == {"hot by day": {"x_kind": "seller_move", "x_by": ["to"]}}


def test_the_same_name_is_the_same_view(views: Views) -> None:
    views.save("a", {"x_kind": "one"})
    views.save("a", {"x_kind": "two"})
    assert views.all() == {"a": {"x_kind": "two"}}


def test_a_removed_view_is_gone_and_may_be_removed_again(views: Views) -> None:
    views.save("a", {})
    views.remove("a")
    views.remove("a")
    assert views.all() == {}


@pytest.mark.parametrize("name", ["", "  ", "x" * 81])
def test_a_name_says_what_is_allowed(views: Views, name: str) -> None:
    with pytest.raises(RequestRefused, match=r"allowed are 1–80 characters$"):
        views.save(name, {})


def test_views_are_bounded(views: Views) -> None:
    views._write({str(number): {} for number in range(MOST)})
    with pytest.raises(RequestRefused, match=f"^{MOST} views are saved already: remove one first$"):
        views.save("one more", {})


def test_a_file_that_is_no_views_is_told_and_left_alone(views: Views, tmp_path: Path) -> None:
    (tmp_path / "views.json").write_text("not json")
    with pytest.raises(RequestRefused, match=r"cannot be read$"):
        views.save("a", {})
    assert (tmp_path / "views.json").read_text() == "not json"


def test_views_that_cannot_be_written_are_refused_in_a_sentence_and_the_old_ones_stay(
    views: Views, tmp_path: Path
) -> None:
    views.save("a", {})
    (tmp_path / "views.part").mkdir()
    with pytest.raises(RequestRefused, match=r"^the saved views cannot be written: "):
        views.save("b", {})
    assert views.all() == {"a": {}}
