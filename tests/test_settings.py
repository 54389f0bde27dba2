"""Settings: their names, and the message of a wrong value."""

import os
from pathlib import Path

import pytest

from jorge_data.errors import SettingsError
from jorge_data.settings import Settings, read_settings

GUIDE: list[tuple[str, str, str, object]] = [
    ("NEXT_PUBLIC_SOCKET_URL", "wss://events.example.com", "socket_url", "wss://events.example.com"),
    ("NEXT_PUBLIC_ENABLE_WEBSOCKET", "false", "enable_websocket", False),
    ("NEXT_PUBLIC_FALLBACK_TO_POLLING", "false", "fallback_to_polling", False),
    ("NEXT_PUBLIC_SHOW_CONNECTION_STATUS", "false", "show_connection_status", False),
    ("SOCKET_IO_TIMEOUT", "7000", "socket_timeout_ms", 7000),
    ("SOCKET_IO_RECONNECTION_ATTEMPTS", "9", "reconnection_attempts", 9),
    ("REAL_TIME_REFRESH_INTERVAL", "1000", "refresh_interval_ms", 1000),
    ("BOT_STATUS_REFRESH_INTERVAL", "500", "bot_status_interval_ms", 500),
    ("METRICS_REFRESH_INTERVAL", "750", "metrics_interval_ms", 750),
]

RATES = "<date>=<share over 0 up to 1>, comma-separated, as in 2025-01-01=0.05,2026-07-01=0.055"
STORES = "sqlite:///<file>, as in sqlite:///var/jorge.db, or postgresql://<user>@<host>/<database>"

WRONG = [
    ("JORGE_PORT", "99999", "less than or equal to 65535"),
    ("JORGE_PORT", "http", "a valid integer"),
    ("JORGE_STORE_URL", "mysql://x", STORES),
    ("JORGE_STORE_URL", "sqlite:///", STORES),
    ("JORGE_ANONYMOUS", "yes", "'off' or 'read'"),
    ("JORGE_LOCATION", "a b", "1–128 letters, digits and . _ ~ -"),
    ("JORGE_GHL_LOCATION", "a b", "1–128 letters, digits and . _ ~ -"),
    ("JORGE_GHL_LOCATIONS", "a,,b", "1–128 letters, digits and . _ ~ -"),
    ("JORGE_ZONE", "Mars/Olympus", "an IANA time zone, as in America/Chicago"),
    ("JORGE_COMMISSION_RATE", "6", "less than or equal to 1"),
    ("JORGE_MONTHLY_TARGET", "nan", "a valid number"),
    (
        "JORGE_OFFICE_HOURS",
        "9-18",
        "days and their hours, comma-separated, as in Mon-Fri 9:00-18:00,Sat 10:00-14:00; a day may stand more than "
        "once, as in Mon 8:00-12:00,Mon 13:00-17:00; '9-18' is no day with its hours",
    ),
    (
        "JORGE_HOLIDAYS",
        "Easter",
        "dates and spans of dates, comma-separated, as in 2026-11-26,2026-12-24/2026-12-26; 'Easter' is no date",
    ),
    ("JORGE_COMMISSION_RATES", "2025-01-01=5", f"{RATES}; '2025-01-01=5' is not a share over 0 up to 1"),
    ("JORGE_COMMISSION_RATES", "0.05", f"{RATES}; '0.05' is not a rate with its date"),
    ("JORGE_SOCKET_URL", "http://localhost:8001", "a websocket address, as in ws://localhost:8001"),
    ("NEXT_PUBLIC_SOCKET_URL", "localhost", "a websocket address, as in ws://localhost:8001"),
    ("SOCKET_IO_TIMEOUT", "5 s", "a valid integer"),
    ("JORGE_SOCKET_TIMEOUT_MS", "1", "greater than or equal to 50"),
    ("JORGE_ROLE", "boss", "'viewer', 'agent', 'manager' or 'admin'"),
    ("JORGE_VIEWER", "", "at least 1 character"),
    ("NEXT_PUBLIC_ENABLE_WEBSOCKET", "perhaps", "a valid boolean"),
    ("jorge_port", "0", "greater than or equal to 1"),
]


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    guide_names = {name for name, _, _, _ in GUIDE}
    for name in os.environ:
        if name in guide_names or name.startswith("JORGE_"):
            monkeypatch.delenv(name)


def message_of_the_wrong_value() -> str:
    with pytest.raises(SettingsError) as refused:
        read_settings()
    return str(refused.value)


def test_every_setting_has_a_default_and_says_what_it_does() -> None:
    assert read_settings().port == 8001
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert not field.is_required(), name


@pytest.mark.parametrize(("name", "text", "field", "value"), GUIDE)
def test_the_guides_name_sets_what_ours_does(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, field: str, value: object
) -> None:
    monkeypatch.setenv(name, text)
    assert getattr(read_settings(), field) == value
    monkeypatch.delenv(name)
    monkeypatch.setenv(f"JORGE_{field.upper()}", text)
    assert getattr(read_settings(), field) == value


def test_our_name_goes_before_the_guides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JORGE_SOCKET_TIMEOUT_MS", "6000")
    monkeypatch.setenv("SOCKET_IO_TIMEOUT", "7000")
    assert read_settings().socket_timeout_ms == 6000


def test_what_is_given_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JORGE_PORT", "1111")
    assert read_settings(port=2222).port == 2222


def test_the_environment_goes_before_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("JORGE_PORT=1111\nJORGE_LOCATION=north\n")
    monkeypatch.setenv("JORGE_PORT", "2222")
    assert (read_settings().port, read_settings().location) == (2222, "north")


@pytest.mark.parametrize(("name", "value", "allowed"), WRONG)
def test_a_wrong_value_is_told_by_the_name_that_was_set(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, allowed: str
) -> None:
    monkeypatch.setenv(name, value)
    # Names are read in any case; the message has the name as the manual spells it.
    assert message_of_the_wrong_value() == f"{name.upper()} is {value!r}; allowed: {allowed}"


def test_a_wrong_value_in_the_file_is_told_by_the_name_that_stands_there() -> None:
    Path(".env").write_text("SOCKET_IO_TIMEOUT=soon\n")
    assert message_of_the_wrong_value() == "SOCKET_IO_TIMEOUT is 'soon'; allowed: a valid integer"


def test_a_wrong_value_that_was_given_is_told_by_its_option() -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings(port=99999)
    assert str(refused.value) == "port is 99999; allowed: less than or equal to 65535"


def test_secrets_never_print(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JORGE_TOKEN_SECRET", "canary-secret")
    monkeypatch.setenv("JORGE_TOKEN", "canary-token")
    settings = read_settings()
    assert settings.token.get_secret_value() == "canary-token"
    for shown in (repr(settings), str(settings), f"{settings.token_secret}", settings.model_dump_json()):
        assert "canary" not in shown


@pytest.mark.parametrize(
    ("socket_url", "api_url"),
    [
        ("ws://localhost:8001", "http://localhost:8001"),
        ("wss://events.example.com/ws", "https://events.example.com"),
        ("ws://[::1]:9000", "http://[::1]:9000"),
    ],
)
def test_the_http_address_follows_from_the_websockets(socket_url: str, api_url: str) -> None:
    assert read_settings(socket_url=socket_url).api_url == api_url


def test_the_event_server_of_this_machine_is_looked_for_at_its_own_port(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_settings().socket_url == "ws://localhost:8001"
    monkeypatch.setenv("JORGE_PORT", "9123")
    assert read_settings().api_url == "http://localhost:9123"
    monkeypatch.setenv("JORGE_SOCKET_URL", "ws://localhost:9124")
    assert read_settings().api_url == "http://localhost:9124"


@pytest.mark.parametrize("spelling", ["8_001", "٨٠٠١", "８００１", "+8001", "0x1F41", "8001,0", "1e400"])
def test_a_number_is_written_in_ascii_digits(spelling: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JORGE_PORT", spelling)
    with pytest.raises(SettingsError) as refused:
        read_settings()
    assert str(refused.value) == f"JORGE_PORT is {spelling!r}; allowed: a valid integer"


@pytest.mark.parametrize("spelling", ["1e400", "inf", "nan", "3_0", "٣٠"])
def test_an_age_is_finite(spelling: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JORGE_FRESH_AMBER_S", spelling)
    with pytest.raises(SettingsError) as refused:
        read_settings()
    assert str(refused.value) == f"JORGE_FRESH_AMBER_S is {spelling!r}; allowed: a valid number"


def test_a_space_around_a_number_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    """`set JORGE_PORT=8002 && …` of Windows leaves one behind it."""
    monkeypatch.setenv("JORGE_PORT", "8002 ")
    monkeypatch.setenv("JORGE_FRESH_AMBER_S", " 1e3")
    assert (read_settings().port, read_settings().fresh_amber_s) == (8002, 1000)
