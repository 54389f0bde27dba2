"""Labelling over a real event server: what is asked first, with which message, and what two people said."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from streamlit.testing.v1 import AppTest

from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.ml_confidence import labelling
from jorge_data.dashboard.ml_confidence import labels as labels_module
from jorge_data.dashboard.ml_confidence.labels import Labels, Opinions, disputed, with_label
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.query.requests import SeriesRequest, TableRequest
from jorge_data.dashboard.ui.drill_down import contacts_of_rows
from jorge_data.errors import RequestRefused
from tests.dashboard.app_context import context_before, here
from tests.dashboard.test_pages import visit
from tests.served import Served

_offices = count(1)
ZONE = ZoneInfo("America/Chicago")


def analysis(now: datetime, number: int, source: str = "tests", **data: Any) -> dict[str, Any]:
    """Return an analysis, the surer the higher its number."""
    figures = {
        "processing_time_ms": 20.0,
        "confidence_score": 0.4 + number / 20,
        "intent_category": "seller",
        "urgency_level": "active",
        "ml_features_triggered": ["timeline"],
        "contact_id": f"c{number}",
    }
    at = now - timedelta(minutes=number)
    kind = "intent_analysis_complete"
    return {"id": f"a{number}", "type": kind, "source": source, "time": at.isoformat(), "data": figures | data}


def message(now: datetime, number: int, seconds_before: int, body: str, **data: Any) -> dict[str, Any]:
    """Return a message of the contact of an analysis, so long before it."""
    at = now - timedelta(minutes=number, seconds=seconds_before)
    told = {"conversation_id": f"c{number}", "contact_id": f"c{number}", "kind": "message", "body": body}
    told |= {"direction": "inbound", "author": "contact"}
    return {"type": "conversation_event", "source": "tests", "time": at.isoformat(), "data": told | data}


@pytest.fixture
def now() -> datetime:
    """The moment at which a test begins."""
    return datetime.now(UTC)


@pytest.fixture
def office(served: Served, now: datetime) -> str:
    """An office with five analyses, and what the contact of the least sure one wrote."""
    office = f"labels-{next(_offices)}"
    events = [
        *(analysis(now, number) for number in range(1, 6)),
        message(now, 1, 30, "we may sell", direction="inbound"),
        message(now, 1, 20, "what is your price?", direction="outbound", author="bot"),
        message(now, 1, 5, "440 and we would sign"),
        message(now, 1, -60, "this came later"),
    ]
    assert served.post([{**event, "locationid": office} for event in events]).status_code == 200
    return office


@pytest.fixture
def context(served: Served, office: str) -> Iterator[AppContext]:
    with context_before(served, location=office) as context:
        yield context


@pytest.fixture
def query(office: str, now: datetime) -> PageQuery:
    start = now - timedelta(hours=1)
    return PageQuery(office, start, now + timedelta(minutes=5), ZONE, ZONE, "last 1 h", period="1 h")


@pytest.fixture
def labels(context: AppContext) -> Labels:
    return Labels(context.api, here(context).client)


def ids(analyses: list[dict[str, Any]]) -> list[str]:
    return [each["id"] for each in analyses]


def test_what_is_least_sure_is_asked_first_and_what_has_a_label_no_more(
    labels: Labels, query: PageQuery, context: AppContext
) -> None:
    assert ids(labels.unlabelled(query)) == ["a1", "a2", "a3", "a4", "a5"]
    accuracy = SeriesRequest(query.location, "intent_label", by=("right",))
    assert here(context).client.series(accuracy).empty
    labels.publish(query.location, "jorge", ("tests", "a1"), "buyer")
    assert here(context).client.series(accuracy).frame["right"].tolist() == ["no"]
    assert ids(labels.unlabelled(query)) == ["a2", "a3", "a4", "a5"]


def test_of_two_analyses_with_one_id_the_one_that_was_asked_is_labelled(
    served: Served, labels: Labels, query: PageQuery, context: AppContext, now: datetime
) -> None:
    rival = {**analysis(now, 1, "rival", contact_id="rival"), "locationid": query.location}
    assert served.post([rival]).status_code == 200
    labels.publish(query.location, "jorge", ("rival", "a1"), "seller")
    assert [each["source"] for each in labels.unlabelled(query) if each["id"] == "a1"] == ["tests"]
    labels.publish(query.location, "jorge", ("tests", "a1"), "seller")
    rows = TableRequest(query.location, "intent_label")
    listed = list(here(context).client.table(rows).records())
    both = dict(zip((row["analysis_source"] for row in listed), contacts_of_rows(rows, listed), strict=True))
    assert both == {"rival": "rival", "tests": "c1"}


def test_a_category_that_does_not_exist_is_refused_before_anything_is_published(
    labels: Labels, query: PageQuery
) -> None:
    with pytest.raises(RequestRefused, match=r"^category 'other': allowed are buyer, seller, investor, curious$"):
        labels.publish(query.location, "jorge", ("tests", "a1"), "other")
    assert labels.opinions(query) == []


def test_beside_an_analysis_stands_what_the_contact_wrote_last_before_it(labels: Labels, query: PageQuery) -> None:
    first, second = labels.unlabelled(query)[:2]
    said = [each["body"] for each in labels.messages(query.location, first)]
    assert said == ["we may sell", "what is your price?", "440 and we would sign"]
    assert labels.messages(query.location, second) == []
    assert labels.messages(query.location, {**first, "contact_id": None}) == []


def test_two_people_who_differ_are_shown_until_one_has_more_behind_him(labels: Labels, query: PageQuery) -> None:
    key = "tests", "a1"
    labels.publish(query.location, "ann", key, "buyer")
    assert disputed(labels.opinions(query)) == []
    assert ids(labels.labelled_by_others(query, "ann", labels.opinions(query))) == []
    assert ids(labels.labelled_by_others(query, "bob", labels.opinions(query))) == ["a1"]
    labels.publish(query.location, "bob", key, "seller")
    assert disputed(labels.opinions(query)) == [Opinions(key, {"bob": "seller", "ann": "buyer"}, "seller")]
    labels.publish(query.location, "cyd", key, "seller")
    assert disputed(labels.opinions(query)) == []
    labels.publish(query.location, "dan", key, "buyer")
    assert [each.newest for each in disputed(labels.opinions(query))] == ["buyer"], (
        "the newest counts, with as many against it"
    )
    assert labels.analysis(query, key) is not None
    assert labels.analysis(query, ("tests", "none")) is None


def test_one_against_two_is_disputed_where_his_word_is_the_newest() -> None:
    assert Opinions(("tests", "a1"), {"cyd": "buyer", "bob": "seller", "ann": "seller"}, "buyer").is_disputed
    assert not Opinions(("tests", "a1"), {"cyd": "seller", "bob": "buyer", "ann": "seller"}, "seller").is_disputed


def test_a_label_without_a_source_is_of_the_analysis_with_its_id(
    served: Served, labels: Labels, query: PageQuery
) -> None:
    given = {"analysis_id": "a1", "actual_category": "buyer", "labelled_by": "ann"}
    told = {"type": "intent_feedback", "source": "tests", "locationid": query.location, "data": given}
    assert served.post([told]).status_code == 200
    assert ids(labels.labelled_by_others(query, "bob", labels.opinions(query))) == ["a1"]
    labels.publish(query.location, "bob", ("tests", "a1"), "seller")
    assert [each.analysis for each in disputed(labels.opinions(query))] == [("tests", "a1")]


def words(app: AppTest) -> list[str]:
    return [each.value for each in app.text]


def test_a_press_labels_what_is_shown_and_shows_the_next(labels: Labels, query: PageQuery) -> None:
    app = visit("ml", range="1 h")
    assert not app.exception
    assert "440 and we would sign" in words(app)
    shown = words(app)
    assert shown[shown.index("440 and we would sign") + 1] == "the message to label"
    assert shown.count("the message to label") == 1
    assert "The decoder said Seller, 45 % sure." in words(app)
    app.button(key="label_buyer").click().run()
    assert not app.exception
    assert "The decoder said Seller, 50 % sure." in words(app)
    assert "4 to go, least sure first · 1 done now" in words(app)
    assert [each.by_person for each in labels.opinions(query)] == [{"jorge": "buyer"}]
    app.button(key="label_skip").click().run()
    assert "The decoder said Seller, 55 % sure." in words(app)
    app.button(key="label_back").click().run()
    app.button(key="label_curious").click().run()
    assert [each.by_person for each in labels.opinions(query)] == [{"jorge": "curious"}]


def test_of_more_than_are_asked_at_once_it_says_which_are_listed(
    office: str, context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (labels_module, labelling):
        monkeypatch.setattr(module, "WAITING", 3)
    app = visit("ml", range="1 h")
    assert "3 to go of the 3 least sure" in words(app)
    app.button(key="label_buyer").click().run()
    assert "2 to go of the 3 least sure · 1 done now" in words(app)


def test_when_all_is_labelled_it_says_so_and_a_dispute_can_be_settled(labels: Labels, query: PageQuery) -> None:
    for number in range(1, 6):
        labels.publish(query.location, "ann", ("tests", f"a{number}"), "buyer")
    labels.publish(query.location, "bob", ("tests", "a3"), "seller")
    app = visit("ml", range="1 h")
    assert "○  Every analysis here has its label." in words(app)
    assert "1 label is disputed: two people said two things" in [each.label for each in app.expander]
    app.button(key="settle_0").click().run()
    app.button(key="label_seller").click().run()
    assert not app.exception
    assert disputed(labels.opinions(query)) == []
    app.toggle(key="labelling_second").set_value(True).run()
    assert "4 to go, least sure first" in words(app)


def test_a_press_reads_no_label_again_and_shows_what_it_disputes_or_settles(
    labels: Labels, query: PageQuery, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels.publish(query.location, "ann", ("tests", "a1"), "seller")
    read, times = Labels.opinions, list[PageQuery]()

    def counted(self: Labels, query: PageQuery) -> list[Opinions]:
        times.append(query)
        return read(self, query)

    monkeypatch.setattr(Labels, "opinions", counted)
    app = visit("ml", range="1 h")
    app.toggle(key="labelling_second").set_value(True).run()
    before = len(times)
    app.button(key="label_buyer").click().run()
    assert "1 label is disputed: two people said two things" in [each.label for each in app.expander]
    app.button(key="settle_0").click().run()
    app.button(key="label_seller").click().run()
    assert not [each.label for each in app.expander if "disputed" in each.label]
    assert len(times) == before
    ours = with_label(read(labels, query), ("tests", "a1"), "jorge", "buyer")
    labels.publish(query.location, "jorge", ("tests", "a1"), "buyer")
    assert ours == read(labels, query)


def test_what_the_server_refuses_is_told_and_asked_again(context: AppContext, monkeypatch: pytest.MonkeyPatch) -> None:
    app = visit("ml", range="1 h")

    def refuse(self: Labels, *about: Any) -> None:
        raise RequestRefused("the server is asleep")

    monkeypatch.setattr(Labels, "publish", refuse)
    app.button(key="label_buyer").click().run()
    assert "the server is asleep" in words(app)
    assert "The decoder said Seller, 45 % sure." in words(app)
