"""Every setting, its default and what it does; read once, from the environment and `.env`.

A setting is `JORGE_<NAME>`; the names of the original guide are accepted as well and mean the same.
"""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, DotEnvSettingsSource, EnvSettingsSource, SettingsConfigDict

from jorge_data.errors import SettingsError
from jorge_data.events.timestamps import zone_named
from jorge_data.metrics.commission import CommissionRates
from jorge_data.permissions import Person
from jorge_data.store_url import check_store_url, store_file

Port = Annotated[int, Field(ge=1, le=65535)]
Milliseconds = Annotated[int, Field(ge=50, le=3_600_000)]


_LOCATION = re.compile(r"[A-Za-z0-9._~-]{1,128}")


def _location(name: str) -> str:
    if not _LOCATION.fullmatch(name):
        raise ValueError("1–128 letters, digits and . _ ~ -")
    return name


def _location_or_none(name: str) -> str:
    return _location(name) if name else name


def _locations(names: str) -> str:
    return ",".join(_location(name.strip()) for name in names.split(",")) if names else names


def _zone(name: str) -> str:
    if zone_named(name) is None:
        raise ValueError("an IANA time zone, as in America/Chicago")
    return name


def _socket_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("ws", "wss") or not parts.hostname:
        raise ValueError("a websocket address, as in ws://localhost:8001")
    return url


def _dated_rates(text: str) -> str:
    try:
        CommissionRates.parse(1, text)
    except ValueError as error:
        wrong, _, allowed = str(error).rpartition("; allowed: ")
        raise ValueError(f"{allowed}; {wrong}") from None
    return text


def _named(name: str, guide: str | None, default: Any, about: str, **rules: Any) -> Any:
    names = [f"JORGE_{name}", *([guide] if guide else [])]
    return Field(default, validation_alias=AliasChoices(*names), description=about, **rules)


class Settings(BaseSettings):
    """All that can be set; each field is immutable once read."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True, populate_by_name=True)

    # Event server
    host: str = _named("HOST", None, "127.0.0.1", "address the event server listens on")
    port: Port = _named("PORT", None, 8001, "port of the event server")
    store_url: Annotated[str, AfterValidator(check_store_url)] = _named(
        "STORE_URL", None, "sqlite:///var/jorge.db", "where events are kept"
    )
    token_secret: SecretStr = _named(
        "TOKEN_SECRET",
        None,
        SecretStr(""),
        "signs tokens (HS256, 32 bytes or more); empty: made once, kept in var/token-secret",
    )
    anonymous: Literal["off", "read"] = _named(
        "ANONYMOUS", None, "read", "what needs no token; read works on a loopback address alone"
    )
    origins: str = _named("ORIGINS", None, "", "web origins that may open the event socket, comma-separated")
    publish_rate: Annotated[int, Field(ge=1)] = _named(
        "PUBLISH_RATE", None, 50_000, "events a second one token may publish before 429"
    )
    max_clients: Annotated[int, Field(ge=1)] = _named("MAX_CLIENTS", None, 5_000, "live connections at once")
    log_level: Literal["debug", "info", "warning", "error"] = _named("LOG_LEVEL", None, "info", "least level logged")

    # Business
    location: Annotated[str, AfterValidator(_location)] = _named(
        "LOCATION", None, "default", "the office on screen when the link names none"
    )
    zone: Annotated[str, AfterValidator(_zone)] = _named("ZONE", None, "America/Chicago", "the office's time zone")
    commission_rate: Annotated[float, Field(gt=0, le=1)] = _named(
        "COMMISSION_RATE", None, 0.06, "share of a deal's value that is commission"
    )
    monthly_target: Annotated[float, Field(gt=0)] = _named(
        "MONTHLY_TARGET", None, 25_000, "commission to win in a month, US dollars"
    )
    intent_target_ms: Annotated[float, Field(gt=0)] = _named(
        "INTENT_TARGET_MS", None, 42, "longest an intent analysis should take"
    )
    confidence_target: Annotated[float, Field(gt=0, le=1)] = _named(
        "CONFIDENCE_TARGET", None, 0.85, "least confidence an intent analysis should have"
    )
    accuracy_target: Annotated[float, Field(gt=0, le=1)] = _named(
        "ACCURACY_TARGET", None, 0.95, "share of labelled analyses that should be right"
    )
    uptime_target: Annotated[float, Field(gt=0, le=1)] = _named(
        "UPTIME_TARGET", None, 0.995, "share of time a component should be up"
    )
    silent_after_minutes: Annotated[float, Field(gt=0)] = _named(
        "SILENT_AFTER_MINUTES", None, 15, "a working bot that reports nothing for so long needs a human"
    )
    fresh_amber_s: Annotated[float, Field(gt=0)] = _named(
        "FRESH_AMBER_S", None, 300, "age of the newest event that turns freshness amber"
    )
    fresh_red_s: Annotated[float, Field(gt=0)] = _named("FRESH_RED_S", None, 1800, "age that turns freshness red")

    # History
    retention: Literal["keep", "archive", "delete"] = _named(
        "RETENTION",
        None,
        "keep",
        "what becomes of old events: archive moves them to Parquet files that are still read, delete removes them",
    )
    retention_days: Annotated[int, Field(ge=1)] = _named(
        "RETENTION_DAYS", None, 400, "age at which an event is old; rollups stay for ever"
    )
    commission_rates: Annotated[str, AfterValidator(_dated_rates)] = _named(
        "COMMISSION_RATES", None, "", "other rates, from a date on: 2025-01-01=0.05,2026-07-01=0.055"
    )

    # Sources: what is not set is off
    ghl_public_key: str = _named(
        "GHL_PUBLIC_KEY", None, "", "GoHighLevel's Ed25519 key, PEM text or a file; empty: the published key"
    )
    ghl_legacy_rsa: bool = _named("GHL_LEGACY_RSA", None, False, "accept GoHighLevel's old RSA signature as well")
    ghl_token: SecretStr = _named("GHL_TOKEN", None, SecretStr(""), "private integration token for GoHighLevel's API")
    ghl_location: Annotated[str, AfterValidator(_location_or_none)] = _named(
        "GHL_LOCATION", None, "", "the GoHighLevel location that is synchronized"
    )
    ghl_locations: Annotated[str, AfterValidator(_locations)] = _named(
        "GHL_LOCATIONS", None, "", "whose GoHighLevel webhooks are taken, comma-separated; empty: every location's"
    )
    ghl_base_url: str = _named(
        "GHL_BASE_URL", None, "https://services.leadconnectorhq.com", "GoHighLevel's API, as the server reaches it"
    )
    ghl_sync_minutes: Annotated[float, Field(gt=0)] = _named(
        "GHL_SYNC_MINUTES", None, 5, "how often GoHighLevel is asked for what webhooks missed"
    )
    workflow_secret: SecretStr = _named(
        "WORKFLOW_SECRET",
        None,
        SecretStr(""),
        "what a GoHighLevel workflow sends in X-Jorge-Webhook-Secret; 16 characters or more",
    )
    retell_api_key: SecretStr = _named(
        "RETELL_API_KEY", None, SecretStr(""), "the Retell API key with the webhook badge; it signs its webhooks"
    )
    redis_url: SecretStr = _named(
        "REDIS_URL", None, SecretStr(""), "take events from Redis, as in redis://localhost:6379/0"
    )
    redis_stream: str = _named("REDIS_STREAM", None, "jorge_events", "the stream and the channel that are read")

    # Dashboard
    dashboard_port: Port = _named("DASHBOARD_PORT", None, 3000, "port of the dashboard under `make run`")
    socket_url: Annotated[str, AfterValidator(_socket_url)] = _named(
        "SOCKET_URL", "NEXT_PUBLIC_SOCKET_URL", "ws://localhost:8001", "the event server, as the dashboard reaches it"
    )
    token: SecretStr = _named(
        "TOKEN", None, SecretStr(""), "the dashboard's own token; empty: made from the secret if it is here"
    )
    embedded: Literal["auto", "0", "1"] = _named(
        "EMBEDDED", None, "auto", "start an event server as a child: auto does where none answers on a loopback address"
    )
    demo: Literal["auto", "0", "1"] = _named("DEMO", None, "auto", "demo bots: auto plays until a real event has come")
    demo_speed: Annotated[float, Field(gt=0, le=1000)] = _named("DEMO_SPEED", None, 1.0, "how fast the demo day passes")
    demo_seed: int = _named("DEMO_SEED", None, 7, "same seed, same day")
    viewer: Annotated[str, Field(min_length=1, max_length=128)] = _named(
        "VIEWER", None, "jorge", "the name under which this dashboard's user acts"
    )
    role: Person = _named("ROLE", None, "admin", "what this dashboard's users may see and do")
    diagnostics: bool = _named("DIAGNOSTICS", None, True, "show the diagnostics panel")
    exit_with_parent: bool = _named("EXIT_WITH_PARENT", None, False, "end when the program that started us has ended")
    enable_websocket: bool = _named(
        "ENABLE_WEBSOCKET", "NEXT_PUBLIC_ENABLE_WEBSOCKET", True, "hold a live connection; without it the feed polls"
    )
    fallback_to_polling: bool = _named(
        "FALLBACK_TO_POLLING", "NEXT_PUBLIC_FALLBACK_TO_POLLING", True, "poll when the live connection keeps failing"
    )
    show_connection_status: bool = _named(
        "SHOW_CONNECTION_STATUS", "NEXT_PUBLIC_SHOW_CONNECTION_STATUS", True, "show the connection pill"
    )
    socket_timeout_ms: Milliseconds = _named(
        "SOCKET_TIMEOUT_MS", "SOCKET_IO_TIMEOUT", 5000, "longest a connection attempt may take"
    )
    reconnection_attempts: Annotated[int, Field(ge=1, le=1000)] = _named(
        "RECONNECTION_ATTEMPTS", "SOCKET_IO_RECONNECTION_ATTEMPTS", 5, "failed attempts before the feed polls"
    )
    refresh_interval_ms: Milliseconds = _named(
        "REFRESH_INTERVAL_MS",
        "REAL_TIME_REFRESH_INTERVAL",
        5000,
        "how often the feed polls and the page refreshes while not live",
    )
    bot_status_interval_ms: Milliseconds = _named(
        "BOT_STATUS_INTERVAL_MS",
        "BOT_STATUS_REFRESH_INTERVAL",
        2000,
        "how often what time alone changes is recomputed (silent bots, windows)",
    )
    metrics_interval_ms: Milliseconds = _named(
        "METRICS_INTERVAL_MS",
        "METRICS_REFRESH_INTERVAL",
        5000,
        "how often pages that are not live refresh, unless their user says otherwise",
    )
    paint_interval_ms: Annotated[int, Field(ge=10, le=1000)] = _named(
        "PAINT_INTERVAL_MS", None, 50, "least time between two paints of the live wall"
    )

    @property
    def store_file(self) -> Path:
        return store_file(self.store_url)

    @property
    def timezone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @property
    def rates(self) -> CommissionRates:
        """The commission rate of every day."""
        return CommissionRates.parse(self.commission_rate, self.commission_rates)

    @property
    def targets(self) -> dict[str, Any]:
        """What the figures are held against, by the names of `metrics.Targets`."""
        return {
            "zone": self.timezone,
            "rates": self.rates,
            "monthly_target": self.monthly_target,
            "intent_target_ms": self.intent_target_ms,
            "confidence_target": self.confidence_target,
            "uptime_target": self.uptime_target,
            "silent_after_s": self.silent_after_minutes * 60,
            "fresh_amber_s": self.fresh_amber_s,
            "fresh_red_s": self.fresh_red_s,
        }

    @property
    def api_url(self) -> str:
        """The event server's HTTP address, from the websocket's."""
        parts = urlsplit(self.socket_url)
        return f"{'https' if parts.scheme == 'wss' else 'http'}://{parts.netloc}"


def read_settings(**given: Any) -> Settings:
    """Read the settings; raise SettingsError with the name that was set, its value and what is allowed."""
    try:
        return Settings(**given)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        name = str(fault["loc"][0])
        raise SettingsError(_name_set(name), fault["input"], _WORDING.sub("", fault["msg"])) from None


_WORDING = re.compile(r"^Value error, |^(Input|String) should (be |have )?|, unable to .*$", re.DOTALL)
"""What pydantic says around that which is allowed."""


def _name_set(name: str) -> str:
    """Return which of a setting's names was set; pydantic tells the first, whichever it was."""
    names = next((names for names in _all_names() if name in names), [name])
    sources = EnvSettingsSource(Settings), DotEnvSettingsSource(Settings)
    was_set = (each for source in sources for each in names if each.lower() in source.env_vars)
    return next(was_set, name)


def _all_names() -> Iterable[list[str]]:
    for field in Settings.model_fields.values():
        assert isinstance(field.validation_alias, AliasChoices)
        yield [str(choice) for choice in field.validation_alias.choices]


@cache
def settings() -> Settings:
    """Return this process's settings, read once."""
    return read_settings()
