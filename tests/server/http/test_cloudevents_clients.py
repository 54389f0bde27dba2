"""CloudEvents' own SDKs publish as they are: in Python and in JavaScript, in each of their modes."""

import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from cloudevents.core.bindings.http import HTTPMessage, to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent
from cloudevents.v1.conversion import to_binary, to_json, to_structured
from cloudevents.v1.http import CloudEvent as OlderCloudEvent

from tests.npm_clients import NODE, environment, needs_node
from tests.served import Served

DATA = {"contact_id": "dana", "conversation_id": "v1", "kind": "message", "body": "Señora, 120 % 🏠"}
TIME = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)


def attributes(location: str, **others: Any) -> dict[str, Any]:
    return {
        "id": "é 1",
        "source": "https://bots.example/seller?a=b",
        "type": "conversation_event",
        "subject": "Dana Müller",
        "locationid": location,
        **others,
    }


def expect_kept(served: Served, location: str) -> None:
    """Check that the one event of the location is what `attributes`, TIME and DATA say."""
    (event,) = served.get("/events", location=location, after="oldest")["events"]
    assert event.items() >= attributes(location, data=DATA).items()
    assert datetime.fromisoformat(event["time"]) == TIME


def post(served: Served, headers: dict[str, Any], body: Any) -> None:
    answer = served.session.post(
        f"{served.url}/events", data=body, headers=served.bearer("publisher") | dict(headers), timeout=10
    )
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("data", [DATA, json.dumps(DATA).encode()], ids=["object", "bytes"])
@pytest.mark.parametrize("write", [to_binary_event, to_structured_event])
def test_the_python_sdk_publishes(
    served: Served, location: str, write: Callable[[CloudEvent], HTTPMessage], data: Any
) -> None:
    message = write(CloudEvent(attributes(location, time=TIME, datacontenttype="application/json"), data))
    post(served, message.headers, message.body)
    expect_kept(served, location)


@pytest.mark.parametrize("data", [DATA, json.dumps(DATA).encode()], ids=["object", "bytes"])
@pytest.mark.parametrize("write", [to_binary, to_structured])
def test_the_python_sdk_before_its_second_version_publishes(
    served: Served, location: str, write: Callable[[OlderCloudEvent], tuple[dict[str, str], bytes]], data: Any
) -> None:
    # It escapes nothing in headers, so that requests refuses what is not Latin-1: the subject is, the id is.
    post(served, *write(OlderCloudEvent(attributes(location, time=TIME.isoformat()), data)))
    expect_kept(served, location)


def test_a_batch_of_the_python_sdks_events_is_kept(served: Served, location: str) -> None:
    batch = [to_json(OlderCloudEvent(attributes(location, id=str(number)), DATA)).decode() for number in range(3)]
    post(served, {"Content-Type": "application/cloudevents-batch+json"}, f"[{','.join(batch)}]")
    events = served.get("/events", location=location, after="oldest")["events"]
    assert [event["id"] for event in events] == ["0", "1", "2"]


EMIT = """
const {CloudEvent, emitterFor, httpTransport, Mode} = require("cloudevents");
const [url, token, mode, bytes, attributes] = process.argv.slice(1);
const event = JSON.parse(attributes);
if (bytes) event.data = new Uint8Array(Buffer.from(JSON.stringify(event.data)));
const emit = emitterFor(httpTransport(url), mode ? {mode} : undefined);
emit(new CloudEvent(event), {headers: {authorization: "Bearer " + token}}).then(({body}) => console.log(body));
"""


@needs_node
@pytest.mark.parametrize("data", ["object", "bytes"])
@pytest.mark.parametrize("mode", ["", "binary", "structured"], ids=["default", "binary", "structured"])
def test_the_javascript_sdk_publishes(served: Served, location: str, mode: str, data: str) -> None:
    event = json.dumps(attributes(location, time=TIME.isoformat(), data=DATA))
    token = served.token("publisher")
    command = [str(NODE), "-e", EMIT, f"{served.url}/events", token, mode, data if data == "bytes" else "", event]
    emitted = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=20, check=False)
    assert emitted.returncode == 0, emitted.stderr
    assert json.loads(emitted.stdout)["results"][0]["seq"] == 1, emitted.stdout
    expect_kept(served, location)
