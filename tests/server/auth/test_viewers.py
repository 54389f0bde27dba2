"""The seven holes by which a role once saw or did what it may not, each by its name, and what a viewer gets instead."""

import gzip
import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from websockets.sync.client import ClientConnection

from jorge_data.events import KINDS
from jorge_data.permissions import ROLES
from tests.server.auth.matrix import CANARY, OF_CONTACTS, OWN, Office, event
from tests.server.clients import ask, closing, receive

SEEN = ["bot_status_update", "system_health_update"]
OF_A_BOT = {"bot_type", "status", "processing_time_ms"}
OF_A_COMPONENT = {"component", "status", "response_time_ms"}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with Office(tmp_path_factory.mktemp("office"), anonymous=True) as office:
        yield office


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def oldest(office: Office, location: str = OWN) -> dict[str, Any]:
    return {"epoch": office.ask("GET", f"/events?location={location}", "admin").json()["epoch"], "seq": 0}


def raw_frames(client: ClientConnection, until: int) -> Iterator[str]:
    """Yield frames of events as text until a position has been served."""
    while True:
        raw = client.recv(5)
        text = gzip.decompress(raw).decode() if isinstance(raw, bytes) else raw
        yield text
        frame = json.loads(text)
        events = frame.get("events") or [frame.get("event") or {"seq": 0}]
        if events[-1]["seq"] >= until:
            return


def check_events(events: list[dict[str, Any]]) -> None:
    """Assert that events are what a viewer sees of them."""
    for each in events:
        assert each["subject"] is None
        assert each["data"].keys() <= (OF_A_BOT if each["type"] == "bot_status_update" else OF_A_COMPONENT)
        assert {"status"} < each["data"].keys()


def test_1_polling_leaves_out_what_a_viewer_may_not_see_and_its_cursor_moves_past_it(office: Office) -> None:
    office.publish(event("conversation_event"), event("commission_update"))  # the last of the log are not his
    answer = office.ask("GET", f"/events?location={OWN}&after=oldest", "viewer")
    page = answer.json()
    assert CANARY not in answer.text
    assert {each["type"] for each in page["events"]} == {*SEEN}
    check_events(page["events"])
    assert (page["recovered"], page["position"]) == (True, page["top"])
    assert page["events"][-1]["seq"] < page["position"]
    following = office.ask("GET", f"/events?location={OWN}&after={page['epoch']}:{page['position']}", "viewer").json()
    assert (following["events"], following["recovered"]) == ([], True)


def test_2_a_stream_leaves_them_out_and_its_last_id_passes_them(office: Office) -> None:
    office.publish(event("bot_status_update"), event("conversation_event"))
    top = office.ask("GET", f"/events?location={OWN}", "viewer").json()["top"]
    answer = office.ask("GET", f"/events/stream?location={OWN}&after=oldest", "viewer", stream=True)
    received, last = "", ""
    for line in answer.iter_lines(decode_unicode=True, chunk_size=1):
        received += line
        if line.startswith("id: "):
            last = line[4:]
        if last.endswith(f":{top}"):
            break
    answer.close()
    assert CANARY not in received
    assert received.count('"type":"bot_status_update"') >= 2
    again = {"Last-Event-ID": last}
    resumed = office.ask("GET", f"/events/stream?location={OWN}", "viewer", headers=again, stream=True)
    lines = resumed.iter_lines(decode_unicode=True, chunk_size=1)
    subscribed = json.loads(next(line for line in lines if line.startswith("data: "))[6:])
    assert (subscribed["type"], subscribed["recovered"]) == ("subscribed", True)
    resumed.close()


@pytest.mark.parametrize("encoding", ["plain", "gzip"])
def test_3_a_socket_leaves_them_out_of_what_is_resumed_and_of_what_is_live(
    office: Office, stack: ExitStack, encoding: str
) -> None:
    client, everything = office.connect(stack, "viewer"), office.connect(stack, "admin")
    for reader in (client, everything):
        ask(reader, type="subscribe", location=OWN, after=oldest(office), encoding=encoding)
    kinds = ["conversation_event", "bot_status_update", "commission_update", "system_health_update"]
    top = office.publish(*map(event, kinds)).json()["results"][-1]["seq"]
    frames = list(raw_frames(client, top))
    assert CANARY not in "".join(frames)
    position = 0
    events: list[dict[str, Any]] = []
    for frame in map(json.loads, frames):
        assert frame["prev"] == position, "what was left out is no gap"
        events += frame.get("events") or [frame["event"]]
        position = events[-1]["seq"]
    assert {each["type"] for each in events} == {*SEEN}
    check_events(events)
    received = "".join(raw_frames(everything, top))
    assert all(word in received for word in (OF_CONTACTS["body"], OF_CONTACTS["current_step"], "conversation_event"))


def test_3b_who_asks_for_the_same_kinds_and_may_see_all_of_them_shares_no_frame_with_a_viewer(
    office: Office, stack: ExitStack
) -> None:
    clients = [office.connect(stack, role) for role in ("viewer", "agent")]
    for client in clients:
        ask(client, type="subscribe", location=OWN, types=SEEN)
    office.publish(event("bot_status_update"))
    masked, whole = (receive(client)["event"]["data"] for client in clients)
    assert (set(masked), whole["current_step"]) == (OF_A_BOT, OF_CONTACTS["current_step"])


def test_4_a_snapshot_tells_a_viewer_neither_money_nor_contacts_nor_the_steps_of_bots(
    office: Office, stack: ExitStack
) -> None:
    client = office.connect(stack, "viewer")
    client.send(json.dumps({"type": "subscribe", "location": OWN}))
    text = str(client.recv(5))
    figures = json.loads(text)["snapshot"]
    assert CANARY not in text
    assert figures == office.ask("GET", f"/api/dashboard/metrics?location={OWN}", "viewer").json() | {
        name: figures[name] for name in ("as_of", "freshness_s")
    }
    hidden = ("revenue", "qualification", "sequences", "ml", "conversations", "needs", "board")
    assert [figures[name] for name in hidden] == [None] * len(hidden)
    assert {bot["current_step"] for bot in figures["bots"].values()} == {None}
    assert figures["system"]["components"]["redis"]["status"]
    assert figures["system"]["components"]["redis"]["error_message"] is None


def test_5_the_figures_that_are_pushed_name_bots_and_components_alone(office: Office, stack: ExitStack) -> None:
    viewer, agent = (office.connect(stack, role) for role in ("viewer", "agent"))
    texts = []
    for client in (viewer, agent):
        assert ask(client, type="subscribe", location=OWN, figures=True)["type"] == "subscribed"
        texts.append(str(client.recv(5)))
    seen, whole = (json.loads(text)["set"] for text in texts)
    assert (CANARY in texts[0], CANARY in texts[1]) == (False, True)
    assert seen.keys() == {"bots", "sparks", "system", "sources", "unlisted", "counting"}
    assert seen.keys() | {"needs", "board", "names", "revenue", "ml", "qualification"} <= whole.keys()
    assert {*seen["bots"]} == {*whole["bots"]}
    assert {bot["contact"] for bot in seen["bots"].values()} == {None}
    assert seen["system"]["components"]["redis"]["error_message"] is None


def test_6_a_timeline_is_not_for_viewers(office: Office) -> None:
    path = f"/api/contacts/{OF_CONTACTS['contact_id']}/timeline?location={OWN}"
    refused = office.ask("GET", path, "viewer")
    assert (refused.status_code, refused.json()["error"]["detail"]) == (
        403,
        "the role viewer may not open a contact's timeline: allowed are admin, agent, manager",
    )
    assert len(office.ask("GET", path, "agent").json()["events"]) >= len(KINDS)


@pytest.mark.parametrize("role", [role for role in ROLES if role != "admin"])
def test_7_nobody_but_an_admin_removes_an_office_not_even_his_own(office: Office, role: Any) -> None:
    for bound in (None, OWN):
        refused = office.ask("DELETE", f"/api/locations/{OWN}", role, bound)
        assert (refused.status_code, "may not remove an office: allowed is admin" in refused.text) == (403, True)
    assert office.ask("GET", f"/events?location={OWN}", "admin").json()["top"] >= len(KINDS)


NAMING = [
    *((SEEN[0], field) for field in ("contact_id", "current_step", "error_message", "subject")),
    (SEEN[1], "error_message"),
    (SEEN[1], "subject"),
]


@pytest.mark.parametrize(("kind", "field"), NAMING)
def test_no_figure_or_row_is_split_filtered_or_measured_by_what_names_a_contact(
    office: Office, kind: str, field: str
) -> None:
    series = f"/api/series?location={OWN}&kind={kind}"
    table = f"/api/table?location={OWN}&kind={kind}"
    for path in (
        f"{series}&by={field}",
        f"{series}&where={field}:ge:m",
        f"{series}&where={field}:ne:x",
        f"{series}&measure={field}&agg=distinct",
        f"{table}&columns=time,{field}",
        f"{table}&where={field}:ne:x",
    ):
        path = path.replace(":ge:m", ":eq:x")
        refused = office.ask("GET", path, "viewer")
        assert (refused.status_code, f"{field!r} of {kind!r}" in refused.text) == (403, True), path
        assert office.ask("GET", path, "agent").status_code == 200, path


@pytest.mark.parametrize("path", ["/api/series?kind=deal_state&step=never", "/api/table?kind=contacts&order=never"])
def test_of_a_hidden_kind_a_viewer_learns_nothing_of_what_else_is_wrong(office: Office, path: str) -> None:
    assert [office.ask("GET", path, role).status_code for role in ("viewer", "agent")] == [403, 422]


def test_a_table_has_by_itself_the_columns_that_may_be_seen(office: Office) -> None:
    page = office.ask("GET", f"/api/table?location={OWN}&kind=bot_status_update", "viewer").json()
    assert set(page["columns"]) == {"id", "time", "source", *OF_A_BOT}
    assert page["rows"]


@pytest.mark.parametrize("frame", ["refresh", "auth"])
def test_a_connection_that_goes_on_by_a_lesser_token_sees_less_from_then_on(
    office: Office, stack: ExitStack, frame: str
) -> None:
    client = office.connect(stack, "manager" if frame == "refresh" else "anonymous")
    ask(client, type="subscribe", location=OWN)
    first = office.publish(event("conversation_event")).json()["results"][0]["seq"]
    assert receive(client)["event"]["type"] == "conversation_event"
    client.send(json.dumps({"type": frame, "token": office.inside.tokens.issue("viewer", "ann", 3600)}))
    assert ask(client, type="subscribe", location=[])["code" if frame == "refresh" else "type"] in (
        "invalid",
        "connected",
    )
    office.publish(event("conversation_event"), event("bot_status_update"), event("conversation_event"))
    while "event" not in (served := receive(client)):
        assert served["type"] in ("error", "connected")
    assert (served["event"]["type"], served["event"]["seq"], served["prev"]) == (SEEN[0], first + 2, first)
    check_events([served["event"]])


def test_a_lesser_token_may_not_go_on_with_a_kind_that_was_asked_for_by_name(office: Office, stack: ExitStack) -> None:
    client = office.connect(stack, "manager")
    ask(client, type="subscribe", location=OWN, types=["conversation_event"])
    answer = ask(client, type="refresh", token=office.inside.tokens.issue("viewer", "ann", 3600))
    assert (answer["code"], "viewer may not see 'conversation_event'" in answer["detail"]) == ("forbidden", True)
    assert closing(client)[0] == 4503


def test_a_greater_token_goes_on_with_what_was_asked_for_and_spoils_nobodys_frames(
    office: Office, stack: ExitStack
) -> None:
    lesser, other = office.connect(stack, "viewer"), office.connect(stack, "manager")
    for client in (lesser, other):
        ask(client, type="subscribe", location=OWN)
    lesser.send(json.dumps({"type": "refresh", "token": office.inside.tokens.issue("manager", "ann", 3600)}))
    assert ask(lesser, type="subscribe", location=[])["code"] == "invalid"
    office.publish(event("conversation_event"), event("bot_status_update"))
    assert receive(lesser)["event"]["data"]["current_step"] == OF_CONTACTS["current_step"]
    assert [each["type"] for each in receive(other)["events"]] == ["conversation_event", "bot_status_update"]


def test_a_bound_token_lists_its_own_location_alone(office: Office) -> None:
    listed = [office.ask("GET", "/api/locations", "viewer", bound).json()["locations"] for bound in (OWN, None)]
    assert [each["location"] for each in listed[0]] == [OWN]
    assert len(listed[1]) == 2


def test_anybody_on_this_machine_reads_everything_as_before(office: Office) -> None:
    page = office.ask("GET", f"/events?location={OWN}&after=oldest", "anonymous").json()
    assert {each["type"] for each in page["events"]} == {*KINDS}
    assert OF_CONTACTS["body"] in json.dumps(page)
