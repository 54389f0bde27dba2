"""The Connect page before a real server: tokens are made, shown once and revoked, and lights turn green."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
import requests
from streamlit.testing.v1 import AppTest

from jorge_data.dashboard.connect.tokens import NEW, jti_of
from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.lifespan import make_maker_token
from jorge_data.dashboard.login.own_token import OwnToken
from jorge_data.dashboard.login.user import LocalAccess
from jorge_data.events import parse_moment
from jorge_data.events.envelope import DEMO
from tests.dashboard.app_context import context_before, here
from tests.dashboard.test_pages import visit
from tests.served import Served, bot_status
from tests.server.webhook.ghl import SECRET, work
from tests.waiting import wait_until

OFFICE = "connect"


@pytest.fixture
def context(served: Served) -> Iterator[AppContext]:
    with context_before(served, location=OFFICE, demo="auto") as context:
        yield context


def words(app: AppTest) -> str:
    return "\n".join(each.value for each in [*app.text, *app.caption, *app.error])


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def made(app: AppTest) -> str:
    """Make a token and return it."""
    press(app, "Make a token")
    token: str = app.session_state[NEW]["token"]
    return token


def is_taken(served: Served, token: str) -> bool:
    answer = requests.post(
        f"{served.url}/events",
        json=bot_status(locationid=OFFICE),
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    )
    return answer.status_code == 200


@pytest.mark.usefixtures("context")
def test_a_token_is_made_by_a_button_and_shown_until_it_was_taken(served: Served) -> None:
    app = visit("connect")
    token = made(app)
    assert f"export TOKEN={token}" in [code.value for code in app.code]
    assert is_taken(served, token)
    press(app, "I have it")
    assert not app.exception
    assert not any(token in code.value for code in visit("connect").code)
    assert not any(token in code.value for code in app.code)


def days(lasts: str) -> tuple[float, str, str]:
    """Make a token on the page, and return how many days it lasts, who made it, and what the page says of its end."""
    app = visit("connect")
    app.selectbox("token_lasts").set_value(lasts)
    made(app)
    token = app.session_state[NEW]
    span = parse_moment(token["expires_at"]) - parse_moment(token["issued_at"])
    (said,) = (text.value for text in app.text if text.value.startswith("It lasts until "))
    return round(span / timedelta(days=1), 2), token["issued_by"], said


def test_a_token_lasts_as_long_as_is_asked_and_is_of_who_made_it(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The dashboard's own token, of the command line and of some weeks, binds nothing of what a person makes."""
    for name in ("JORGE_STORE_URL", "JORGE_TOKEN_SECRET"):
        monkeypatch.setenv(name, served.environment[name])
    with context_before(served, location=OFFICE) as context:
        make_for = partial(make_maker_token, context.settings)
        access = LocalAccess("jorge", "admin", OwnToken(served.token()), make_for)
        replace(context, access=access).make_current()
        lasts, by, said = days("1 year")
    assert (lasts, by, ", and not" in said) == (366, "jorge", False)


def test_where_the_token_that_was_given_ends_sooner_the_page_says_so(served: Served) -> None:
    with context_before(served, token=served.token(ttl_s=2 * 86_400), location=OFFICE):
        lasts, _, said = days("1 year")
    assert lasts == 2
    assert said.endswith(", and not 1 year: it ends with the token by which it was made, this dashboard's own.")


@pytest.mark.usefixtures("context")
def test_what_cannot_be_made_is_told_as_the_server_says_it(served: Served) -> None:
    app = visit("connect")
    app.text_input("token_office").set_value("no such place")
    press(app, "Make a token")
    assert any(error.value.startswith("Not made: the event server says") for error in app.error)


@pytest.mark.usefixtures("context")
def test_the_id_of_a_token_is_titled_as_a_tokens() -> None:
    app = visit("connect")
    made(app)
    (titles,) = (json.loads(each.proto.columns) for each in app.dataframe if "made" in each.value.columns)
    assert titles["id"]["label"] == "Token's id"


@pytest.mark.usefixtures("context")
def test_a_token_is_revoked_by_its_id_or_by_itself_after_a_question(served: Served) -> None:
    app = visit("connect")
    token = made(app)
    app.text_input("revoke_other").set_value(token).run()
    press(app, "Revoke it")
    assert is_taken(served, token)
    app.button("confirm_yes").click().run()
    assert not app.exception
    assert not is_taken(served, token)


def test_the_id_of_a_token_is_found_in_it(served: Served) -> None:
    token = served.token()
    listed = jti_of(token)
    assert listed not in ("", token)
    assert [jti_of(text) for text in (" an-id ", "a.b.c", "..")] == ["an-id", "a.b.c", ".."]


def test_lights_turn_green_with_the_first_event(served: Served) -> None:
    with context_before(served, location="first-light") as context:
        assert "No event has arrived at the office first-light yet" in words(visit("connect"))
        served.post([bot_status(locationid="first-light", source="my-bot")])
        wait_until(lambda: here(context).locations.get("first-light").has_events)
        shown = words(visit("connect"))
    assert "Events arrive at the office first-light." in shown
    assert "heard, " in shown
    assert "off: set JORGE_REDIS_URL" in shown


def test_a_wrong_secret_is_seen_until_a_delivery_is_taken(tmp_path: Path) -> None:
    with Served(tmp_path, JORGE_WORKFLOW_SECRET=SECRET) as server, context_before(server, location=OFFICE):
        assert work(server, {"contact_id": "ann"}, "not that secret").status_code == 401
        shown = words(visit("connect"))
        assert " ago: X-Jorge-Webhook-Secret is not the one of this server" in shown
        assert "1 refused, " in shown
        assert "not that secret" not in shown
        red = [each.value for each in visit("connect").markdown if each.value.startswith(":red-badge")]
        assert [each for each in red if "GHL workflow" in each]
        assert work(server, {"contact_id": "ann", "location_id": OFFICE}).status_code == 200
        green = [each.value for each in visit("connect").markdown if each.value.startswith(":green-badge")]
        assert [each for each in green if "GHL workflow" in each]


def test_a_server_that_does_not_answer_leaves_the_page_standing() -> None:
    from tests.dashboard.test_pages import build

    context = build()
    app = visit("connect")
    assert not app.exception
    assert "not known: the event server does not say" in words(app)
    context.locations.close()


@pytest.mark.parametrize("role", ["agent", "manager"])
def test_only_an_admin_is_offered_tokens(served: Served, role: str) -> None:
    with context_before(served, location=OFFICE, role=role):
        app = visit("connect")
    assert not app.exception
    assert "Make a token" not in [button.label for button in app.button]


@pytest.mark.usefixtures("context")
def test_the_audit_log_has_what_was_done() -> None:
    app = visit("connect")
    made(app)
    tables = [frame.value for frame in visit("audit").dataframe if "did" in frame.value.columns]
    who, did = tables[0].iloc[0][["who", "did"]]
    assert (who, did.partition(":")[0]) == ("test-admin", "made a token")


@pytest.mark.usefixtures("context")
def test_a_link_names_whose_acts_the_audit_log_lists() -> None:
    made(visit("connect"))
    app = visit("audit", who="test-admin")
    (who,) = (each for each in app.selectbox if each.label == "Who")
    assert who.value == "test-admin"
    who.set_value(None).run()
    assert "who" not in app.query_params
    next(each for each in app.selectbox if each.label == "Who").set_value("test-admin").run()
    assert app.query_params["who"] == "test-admin"


@pytest.mark.usefixtures("context")
def test_every_target_names_its_setting() -> None:
    rules = next(frame.value for frame in visit("connect").dataframe if "setting" in frame.value.columns)
    by_setting = dict(zip(rules["setting"], rules["value"], strict=True))
    assert by_setting["JORGE_COMMISSION_RATE"] == "6 %"
    assert by_setting["JORGE_SILENT_AFTER_MINUTES"] == "15 m"
    assert by_setting["JORGE_COMMISSION_RATES"] == "none"


def test_the_demo_is_removed_only_when_asked_twice(served: Served, context: AppContext) -> None:
    served.post([bot_status(locationid=DEMO), bot_status(locationid=OFFICE)])
    wait_until(lambda: here(context).locations.get(OFFICE).has_events)
    app = visit("connect")
    press(app, "Remove the demo's data")
    assert DEMO in locations(served)
    press(app, "Leave it")
    assert DEMO in locations(served)
    press(app, "Remove the demo's data")
    app.button("confirm_yes").click().run()
    assert DEMO not in locations(served)


def locations(served: Served) -> list[str]:
    return [each["location"] for each in served.get("/api/locations")["locations"]]
