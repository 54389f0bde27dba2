"""Publishing as any producer of CloudEvents does: binary mode, base64, gzip, and what a sender asks before it sends."""

import gzip
import json
from base64 import b64encode
from typing import Any

import pytest
import requests

from tests.served import Served, bot_status

DATA = {"bot_type": "jorge-seller", "status": "idle"}


def send(
    served: Served, body: bytes, headers: dict[str, Any], token: dict[str, str] | None = None
) -> requests.Response:
    return served.session.post(
        f"{served.url}/events", data=body, headers=(token or served.bearer("publisher")) | headers, timeout=10
    )


def binary(location: str, **attributes: Any) -> dict[str, Any]:
    """Return the headers of one event in binary mode."""
    given = {"specversion": "1.0", "type": "bot_status_update", "source": "tests", "locationid": location} | attributes
    return {f"ce-{name}": value for name, value in given.items()} | {"Content-Type": "application/json"}


def kept(served: Served, location: str) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = served.get("/events", location=location, after="oldest")["events"]
    return events


def test_an_event_in_binary_mode_is_kept_as_in_structured_mode(served: Served, location: str) -> None:
    attributes = {"id": "one", "time": "2026-01-02T03:04:05.678Z", "subject": "dana"}
    headers = binary(
        location, **attributes, traceparent="00-1", seq="99", epoch="forged", receivedat="2001-01-01T00:00:00Z"
    )
    answer = send(served, json.dumps(DATA).encode(), headers)
    assert answer.status_code == 200
    (result,) = answer.json()["results"]
    structured = attributes | {"source": "tests", "type": "bot_status_update", "locationid": location, "data": DATA}
    again = served.post(structured | {"specversion": "1.0"}).json()["results"][0]
    assert again == result | {"duplicate": True}
    (event,) = kept(served, location)
    assert event.items() >= (structured | {"seq": 1, "time": "2026-01-02T03:04:05.678000Z"}).items()
    assert (event["epoch"], event["receivedat"][:4]) == (result["epoch"], event["receivedat"][:4])
    assert event["receivedat"] > "2026"


def test_a_header_s_text_is_percent_decoded(served: Served, location: str) -> None:
    headers = binary(location, id="%E2%82%AC%20100%25", subject="Jos%C3%A9", time="2026-01-02T03%3A04%3A05Z")
    assert send(served, json.dumps(DATA).encode(), headers).status_code == 200
    (event,) = kept(served, location)
    assert (event["id"], event["subject"], event["time"]) == ("€ 100%", "José", "2026-01-02T03:04:05Z")


@pytest.mark.parametrize(
    ("changes", "body", "pointer", "value"),
    [
        ({"ce-type": "rumour"}, DATA, "/type", "rumour"),
        ({"ce-type": None}, DATA, "/type", "missing"),
        ({"ce-source": None}, DATA, "/source", "missing"),
        ({"ce-specversion": "0.3"}, DATA, "/specversion", "0.3"),
        ({"ce-time": "yesterday"}, DATA, "/time", "yesterday"),
        ({"ce-locationid": "a b"}, DATA, "/locationid", "a b"),
        ({"ce-id": "%FF"}, DATA, "/id", "udcff"),
        ({"ce-subject": "%00"}, DATA, "/subject", "x00"),
        ({"Content-Type": "text/xml"}, DATA, "/datacontenttype", "text/xml"),
        ({"Content-Type": "application/octet-stream"}, DATA, "/datacontenttype", "octet-stream"),
        ({}, {}, "/data", "missing"),
        ({"ce-data": "{}"}, {}, "/data", "{}"),
        ({"ce-data_base64": "e30="}, DATA, "/data_base64", "e30="),
        ({}, [DATA], "/data", "bot_type"),
        ({}, DATA | {"status": "asleep"}, "/data/status", "asleep"),
    ],
)
def test_what_is_wrong_in_binary_mode_is_named_by_its_attribute(
    served: Served, location: str, changes: dict[str, Any], body: Any, pointer: str, value: str
) -> None:
    answer = send(served, json.dumps(body).encode() if body else b"", binary(location) | changes)
    assert answer.status_code == 422
    (fault,) = answer.json()["error"]["faults"]
    assert fault["pointer"] == pointer
    assert value in fault["value"]


def test_what_could_not_be_read_in_binary_mode_is_listed_with_its_reason(served: Served, location: str) -> None:
    answer = send(served, b'{"status":', binary(location), served.bearer("publisher", location))
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid")
    (refusal,) = served.get("/api/refusals", location=location)["refusals"]
    assert "not JSON" in refusal["reason"]
    assert refusal["payload"] == '{"status":'


def test_a_batch_may_hold_data_in_base64_and_each_is_answered_for(served: Served, location: str) -> None:
    event = {name: value for name, value in bot_status(locationid=location).items() if name not in ("data", "id")}
    good = event | {"data_base64": b64encode(json.dumps(DATA).encode()).decode()}
    batch = [good, event | {"data_base64": "%"}, good, event | {"data_base64": "AA==", "datacontenttype": "image/png"}]
    headers = {"Content-Type": "application/cloudevents-batch+json; charset=utf-8"}
    answer = send(served, json.dumps(batch).encode(), headers)
    assert answer.status_code == 207
    pointers = [
        [fault["pointer"] for fault in each["error"]["faults"]] for each in answer.json()["results"] if "error" in each
    ]
    assert pointers == [["/data_base64"], ["/datacontenttype"]]
    assert [event["data"] for event in kept(served, location)] == [DATA, DATA]
    assert "data_base64" not in kept(served, location)[0]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte order mark"])
@pytest.mark.parametrize("count", [1, 2], ids=["object", "list"])
@pytest.mark.parametrize(
    "media_type",
    [None, "application/json", "Application/CloudEvents+JSON; charset=utf-8", "application/cloudevents-batch+json"],
)
def test_one_event_or_a_list_is_taken_under_every_name_of_json(
    served: Served, location: str, media_type: str | None, count: int, mark: bytes
) -> None:
    events = [bot_status(locationid=location, specversion="1.0") for _ in range(count)]
    body = mark + json.dumps(events if count > 1 else events[0]).encode()
    for headers, encoded in (({}, body), ({"Content-Encoding": "gzip"}, gzip.compress(body))):
        answer = send(served, encoded, {"Content-Type": media_type} | headers)
        assert answer.status_code == 200, answer.text
    assert len(kept(served, location)) == count


def test_who_brings_in_a_past_says_how_much_of_it_is_told(served: Served, location: str) -> None:
    def publish(**query: str) -> requests.Response:
        body = json.dumps([bot_status(locationid=location)]).encode()
        return served.session.post(
            f"{served.url}/events", body, params=query, headers=served.bearer("publisher"), timeout=10
        )

    def counting() -> Any:
        return served.get("/api/dashboard/metrics", location=location)["counting"]

    assert publish(location=location, loaded="0.25").status_code == 200
    assert counting()["loaded"] == 0.25
    assert publish(location=location, loaded="1").status_code == 200
    assert counting() is None
    for wrong in ("half", "-0.1", "1.5", "nan"):
        answer = publish(location=location, loaded=wrong)
        assert (answer.status_code, len(kept(served, location))) == (422, 2)
        assert f"loaded is '{wrong}'" in answer.text or f'loaded is "{wrong}"' in answer.text or wrong in answer.text


def test_gzip_and_binary_mode_go_together(served: Served, location: str) -> None:
    headers = binary(location) | {"Content-Encoding": "gzip"}
    assert send(served, gzip.compress(json.dumps(DATA).encode()), headers).status_code == 200
    assert [event["data"] for event in kept(served, location)] == [DATA]


GZIP = {"Content-Encoding": "gzip"}
AVRO = {"Content-Type": "application/cloudevents+avro"}
UNREAD: dict[str, tuple[dict[str, str], bytes, int, str, str]] = {
    "another encoding": ({"Content-Encoding": "br"}, b"[]", 415, "unsupported", "'br': allowed are gzip and identity"),
    "another format": (AVRO, b"[]", 415, "unsupported", "application/cloudevents+json"),
    "a bomb": (GZIP, gzip.compress(bytes(64 << 20)), 413, "too_large", "more than 1048576 bytes"),
    "no gzip": (GZIP, b"[]", 422, "invalid", "not gzip"),
    "something behind it": (GZIP, gzip.compress(b"[]") + b"garbage", 422, "invalid", "not gzip"),
    "cut": (GZIP, gzip.compress(b"[{}]")[:-9], 422, "invalid", "ends before its gzip does"),
    "UTF-16": ({}, json.dumps(bot_status()).encode("utf-16"), 422, "invalid", "not UTF-8"),
    "UTF-16 without its mark": ({}, json.dumps(bot_status()).encode("utf-16-le"), 422, "invalid", "allowed is UTF-8"),
}


@pytest.mark.parametrize(("headers", "body", "status", "code", "says"), UNREAD.values(), ids=UNREAD)
def test_a_body_that_is_not_read_is_refused_by_what_it_is(
    served: Served, location: str, headers: dict[str, str], body: bytes, status: int, code: str, says: str
) -> None:
    answer = send(served, body, headers, served.bearer("publisher", location))
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert says in answer.json()["error"]["detail"]
    assert says in served.get("/api/refusals", location=location)["refusals"][0]["reason"]


def test_no_body_is_inflated_for_who_may_not_publish(served: Served) -> None:
    answer = send(served, b"no gzip", {"Content-Encoding": "gzip"}, served.bearer("viewer"))
    assert answer.status_code == 403


def test_by_the_socket_data_may_be_in_base64_too(served: Served, location: str) -> None:
    event = {"source": "tests", "type": "bot_status_update", "locationid": location, "specversion": "1.0"}
    encoded = b64encode(json.dumps(DATA).encode()).decode()
    with served.connect(additional_headers=served.bearer("publisher")) as client:
        client.send(json.dumps({"type": "publish", "ref": 1, "events": [event | {"data_base64": encoded}]}))
        while (frame := json.loads(client.recv(5)))["type"] != "ack":
            pass
    assert frame["results"][0]["seq"] == 1
    assert kept(served, location)[0]["data"] == DATA


def test_a_sender_that_asks_first_is_told_that_it_may_send_and_how_much(guarded: Served) -> None:
    asked = {"WebHook-Request-Origin": "eventemitter.example.com", "WebHook-Request-Rate": "120"}
    answer = guarded.session.options(f"{guarded.url}/events", headers=asked, timeout=5)
    assert answer.status_code == 200
    assert answer.headers["WebHook-Allowed-Origin"] == "eventemitter.example.com"
    assert answer.headers["WebHook-Allowed-Rate"] == "3000"  # 50 events a second
    assert "POST" in answer.headers["Allow"].split(", ")
    assert guarded.post(bot_status(), headers={"WebHook-Request-Origin": "x"}).status_code == 401


def test_who_asks_without_an_origin_is_told_what_may_be_done(served: Served) -> None:
    answer = served.session.options(f"{served.url}/events", timeout=5)
    assert (answer.status_code, answer.headers["Allow"]) == (200, "GET, POST, OPTIONS")
    assert not [name for name in answer.headers if name.lower().startswith(("webhook-", "access-control-"))]
