"""Who the office's people are: by the CRM's id and by the login one person, whoever told of him."""

from jorge_data.metrics.colleagues import Colleague, Colleagues

PEOPLE = (
    Colleague("amara@office", "Amara Obi", "7f"),
    Colleague("mary", "Mary"),
    Colleague("tom", "tom", "9a"),
    Colleague("zoe", "zoe"),
)


def test_a_person_has_one_id_and_one_name_whichever_id_says_who() -> None:
    known = Colleagues(PEOPLE, {"7f": "A. Obi", "tom": "Tom Lind", "x": "Xi"})
    ids = ("amara@office", "7f", "mary", "tom", "9a", "zoe", "x", "y", "")
    assert [known.one(each) for each in ids] == ["7f", "7f", "mary", "9a", "9a", "zoe", "x", "y", ""]
    assert [known.name(each) for each in ids] == [
        *("Amara Obi", "Amara Obi", "Mary", "Tom Lind", "Tom Lind", "zoe", "Xi", "y", "")
    ]


def test_nobody_is_known_where_there_are_no_users() -> None:
    assert (Colleagues().one("7f"), Colleagues().name("7f")) == ("7f", "7f")
