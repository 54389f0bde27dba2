"""A feed by an agent's token: it has his own contacts and nobody's, and is told whom to forget."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jorge_data.feed import Endpoint, Feed
from tests.feed.recorder import Recorder
from tests.server.auth.people import AGENT, ANOTHER, OWN, PeoplesOffice, Somebody, about, assigned, contact, seen_in


@pytest.fixture
def office(tmp_path: Path) -> Iterator[PeoplesOffice]:
    with PeoplesOffice(tmp_path) as office:
        yield office


def told_of(recorder: Recorder) -> Any:
    return seen_in([[event.subject, event.data] for event in recorder.events])


@pytest.mark.parametrize("websocket", [True, False], ids=["socket", "polling"])
def test_an_agents_feed_passes_over_what_is_anothers_and_forgets_what_he_lost(
    office: PeoplesOffice, websocket: bool
) -> None:
    recorder = Recorder()
    socket_url, token = office.url.replace("http", "ws"), office.token(Somebody("agent", AGENT))
    endpoint = Endpoint(socket_url, office.url, token, websocket=websocket, poll_interval_s=0.05)
    feed = Feed(endpoint, OWN, recorder)
    feed.start()
    try:
        recorder.wait(lambda: told_of(recorder) == {"own", "nobodys"})
        # More than a page of what he does not see: a poll must not stand before it for ever.
        for _ in range(3):
            office.publish(*(about("anothers", "conversation_event") for _ in range(200)))
        last = office.publish(about("own", "conversation_event")).json()["results"][0]["seq"]
        recorder.wait(lambda: recorder.seqs[-1] == last)
        office.publish(assigned("own", ANOTHER), about("nobodys", "conversation_event"))
        recorder.wait(lambda: recorder.forgotten == [contact("own")] and recorder.seqs[-1] == last + 2)
        assert told_of(recorder) == {"own", "nobodys"}
    finally:
        feed.stop(5)
