"""Saved views: one's own or shared, where one may see them, removed by their owners and by admins."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import orjson
import pytest
import requests

from jorge_data.permissions import Role
from jorge_data.server.http.views import MOST
from tests.served import Served


def save(served: Served, role: Role, location: str | None = None, **view: Any) -> requests.Response:
    view = {"name": "this week", "page": "revenue", "parameters": {"range": "7 d"}} | view
    return served.session.put(f"{served.url}/api/views", json=view, headers=served.bearer(role, location), timeout=10)


def saved(served: Served, role: Role, location: str | None = None, **view: Any) -> dict[str, Any]:
    answer = save(served, role, location, **view)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["view"]
    return found


def names(served: Served, role: Role, location: str | None = None) -> list[str]:
    headers = served.bearer(role, location)
    answer = served.session.get(f"{served.url}/api/views", headers=headers, timeout=10)
    return [view["name"] for view in answer.json()["views"]]


def remove(served: Served, role: Role, view: dict[str, Any], location: str | None = None) -> int:
    headers = served.bearer(role, location)
    return served.session.delete(f"{served.url}/api/views/{view['id']}", headers=headers, timeout=10).status_code


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("views")) as server:
        yield server


@pytest.fixture
def fresh(server: Served) -> Served:
    """A server without a view: each owner has removed his own."""
    for role in get_args(Role):
        headers = server.bearer(role)
        answer = server.session.get(f"{server.url}/api/views", headers=headers, timeout=10)
        for view in answer.json()["views"] if answer.ok else []:
            if view["own"]:
                assert remove(server, role, view) == 204
    return server


def test_a_view_is_ones_own_unless_it_is_shared(fresh: Served) -> None:
    own = saved(fresh, "agent", name="own", parameters={"x_by": ["to", "source"]})
    saved(fresh, "agent", name="for all", shared=True)
    assert (own["owner"], own["own"], own["removable"], own["parameters"]) == (
        "test-agent",
        True,
        True,
        {"x_by": ["to", "source"]},
    )
    assert names(fresh, "agent") == ["for all", "own"]
    assert names(fresh, "manager") == ["for all"]


def test_a_view_outlives_the_process(fresh: Served) -> None:
    saved(fresh, "agent")
    fresh.stop()
    fresh.start()
    assert names(fresh, "agent") == ["this week"]


def test_the_same_name_is_the_same_view_of_one_owner(fresh: Served) -> None:
    first = saved(fresh, "agent")
    second = saved(fresh, "agent", page="explore", shared=True)
    saved(fresh, "manager", shared=True)
    assert (first["id"], second["page"]) == (second["id"], "explore")
    assert names(fresh, "agent") == ["this week", "this week"]


def test_owners_and_admins_remove_and_nobody_else(fresh: Served) -> None:
    shared, own = saved(fresh, "agent", name="shared", shared=True), saved(fresh, "agent", name="own")
    assert remove(fresh, "manager", shared) == 403
    assert remove(fresh, "admin", own) == 204, "it is as if it were not there"
    assert names(fresh, "agent") == ["own", "shared"]
    assert remove(fresh, "admin", shared) == 204
    assert remove(fresh, "agent", own) == 204
    assert remove(fresh, "agent", own) == 204
    assert names(fresh, "agent") == []


def test_a_shared_view_is_for_its_office(fresh: Served) -> None:
    saved(fresh, "manager", "a", name="of a", shared=True)
    view = saved(fresh, "manager", name="of all", shared=True)
    assert names(fresh, "agent", "a") == ["of a", "of all"]
    assert names(fresh, "agent", "b") == ["of all"]
    assert names(fresh, "admin") == ["of a", "of all"]
    assert remove(fresh, "admin", view, "a") == 403, "an admin of one office removes those of his office"


def test_a_viewer_sees_no_view_of_a_page_that_he_may_not_open_nor_one_that_may_name_a_contact(fresh: Served) -> None:
    saved(fresh, "manager", name="revenue", shared=True)
    saved(fresh, "manager", name="system", page="system", parameters={"range_system": "24 h"}, shared=True)
    saved(fresh, "manager", name="rows", page="system", parameters={"rows": "Maria"}, shared=True)
    assert names(fresh, "viewer") == ["system"]
    refused = save(fresh, "viewer", page="system")
    assert refused.status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": " x"},
        {"name": "x" * 81},
        {"name": "a\nb"},
        {"page": "nowhere"},
        {"parameters": {"a": 1}},
        {"parameters": {"a": "x" * 1025}},
        {"parameters": {f"a{number}": "x" * 1000 for number in range(9)}},
        {"owner": "bob"},
    ],
)
def test_what_is_no_view_is_refused(served: Served, wrong: dict[str, Any]) -> None:
    assert save(served, "agent", **wrong).status_code == 422


def test_views_are_bounded(fresh: Served) -> None:
    for number in range(MOST):
        assert save(fresh, "agent", name=f"{number}").status_code == 200
    refused = save(fresh, "agent", name="one more")
    assert (refused.status_code, f"you have {MOST} views already" in refused.text) == (422, True)
    assert save(fresh, "agent", name="0", shared=True).status_code == 200
    assert save(fresh, "manager").status_code == 200


def test_the_file_of_before_is_taken_over_once(tmp_path: Path) -> None:
    file = tmp_path / "views.json"
    file.write_bytes(orjson.dumps({"hot by day": {"x_kind": "seller_move", "x_by": ["to"]}, "broken": 1}))
    with Served(tmp_path) as server:
        (view,) = server.get("/api/views")["views"]
        assert (view["name"], view["page"], view["owner"], view["shared"]) == ("hot by day", "explore", "", True)
        assert view["parameters"] == {"x_kind": "seller_move", "x_by": ["to"]}
        assert not file.exists()
        assert remove(server, "agent", view) == 403
        assert remove(server, "admin", view) == 204
        server.stop()
        server.start()
        assert names(server, "admin") == []


def test_a_file_that_is_no_views_is_told_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "views.json").write_text("not json")
    with Served(tmp_path) as server:
        assert names(server, "admin") == []
        assert "views.json cannot be read" in server.log
    assert (tmp_path / "views.json").read_text() == "not json"


def test_who_shares_or_removes_a_shared_view_is_in_the_audit_log_without_its_name(tmp_path: Path) -> None:
    with Served(tmp_path) as server:
        saved(server, "agent", name="Maria's deals")
        remove(server, "admin", saved(server, "agent", name="Maria's homes", shared=True))
        entries = server.get("/api/audit")["entries"]
        assert [(each["by"], each["act"], each["what"]) for each in entries] == [
            ("test-admin", "view.remove", "revenue"),
            ("test-agent", "view.share", "revenue"),
        ]
        assert "Maria" not in str(entries)
