"""Every setting, its default and what it does; read once, from the environment and `.env`.

The setting of a field is `JORGE_<FIELD>`; the names of the original guide are accepted as well and mean the same.
README's table and `.env.example` are printed from here (`python -m scripts.settings_table`).
"""

import os
import re
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasGenerator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, DotEnvSettingsSource, EnvSettingsSource, SettingsConfigDict

from jorge_data.errors import SettingsError
from jorge_data.events.numbers import read_decimal, read_whole
from jorge_data.events.personal import FIELDS
from jorge_data.events.timestamps import zone_named
from jorge_data.events.validation import ALLOWED_LOCATION, LOCATION
from jorge_data.metrics.commission import CommissionRates
from jorge_data.metrics.office_hours import OfficeHours
from jorge_data.metrics.office_locale import check_locale
from jorge_data.permissions import Person
from jorge_data.public_address import Origin, PublicAddress
from jorge_data.store_url import check_store_url, is_postgresql, store_file, store_folder


def _check_location(name: str) -> str:
    if not LOCATION.fullmatch(name):
        raise ValueError(ALLOWED_LOCATION.removeprefix("allowed: "))
    return name


def _check_locations(names: str) -> str:
    return ",".join(_check_location(name.strip()) for name in names.split(",")) if names else names


def _check_zone(name: str) -> str:
    if zone_named(name) is None:
        raise ValueError("an IANA time zone, as in America/Chicago")
    return name


def _check_socket_url(url: str, info: ValidationInfo) -> str:
    if not url:
        return f"ws://localhost:{info.data.get('port', 8001)}"
    parts = urlsplit(url)
    if parts.scheme not in ("ws", "wss") or not parts.hostname:
        raise ValueError("a websocket address, as in ws://localhost:8001")
    return url


def _check_ca_file(path: str) -> str:
    if not path:
        return path
    from jorge_data.http_client import check_ca_file  # not above: it takes 60 ms, and most processes have no need

    try:
        return check_ca_file(path)
    except SettingsError as error:
        raise ValueError(error.allowed) from None


def read_field_days(text: str) -> dict[str, int]:
    """Return after how many days each field of a setting goes; raise ValueError with what is allowed."""
    days: dict[str, int] = {}
    for each in filter(None, (part.strip() for part in text.split(","))):
        field, _, number = (part.strip() for part in each.partition("="))
        count = read_whole(number)
        if field not in FIELDS or field in days or count is None or not 1 <= count <= 36_500:
            fields = ", ".join(FIELDS)
            raise ValueError(
                f"fields of {fields}, each once, with its days (1–36500), as in body=90,phone=365: not {each}"
            )
        days[field] = count
    return days


def _check_field_days(text: str) -> str:
    read_field_days(text)
    return text


def _check_dated_rates(text: str) -> str:
    try:
        CommissionRates.parse(1, text)
    except ValueError as error:
        wrong, _, allowed = str(error).rpartition("; allowed: ")
        raise ValueError(f"{allowed}; {wrong}") from None
    return text


def _check_hours(text: str) -> str:
    return _checked_hours(text, text, "")


def _check_holidays(text: str) -> str:
    return _checked_hours(text, "", text)


def _checked_hours(text: str, hours: str, holidays: str) -> str:
    try:
        OfficeHours.parse(hours, holidays)
    except ValueError as error:
        wrong, _, allowed = str(error).rpartition("; allowed: ")
        raise ValueError(f"{allowed}; {wrong}") from None
    return text


def _check_origins(origins: str) -> str:
    if any(Origin.read(each.strip()) is None for each in origins.split(",") if each.strip()):
        raise ValueError("web origins, comma-separated, as in https://crm.example.com")
    return origins


def _check_networks(networks: str) -> str:
    try:
        _networks(networks)
    except ValueError:
        raise ValueError("addresses or networks, comma-separated, as in 10.0.0.5,10.1.0.0/16") from None
    return networks


def _networks(networks: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(each.strip(), strict=False) for each in networks.split(",") if each.strip())


def _check_header(name: str) -> str:
    if name and not re.fullmatch(r"[A-Za-z0-9-]{1,64}", name):
        raise ValueError("the name of a header, as in X-Forwarded-User")
    return name


def _check_metadata_url(url: str) -> str:
    from jorge_data.http_client import is_loopback  # not above: as for the file of certificates

    parts = urlsplit(url)
    if url and not (parts.hostname and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(url)))):
        raise ValueError("https://…/.well-known/openid-configuration")
    return url


def _check_public_url(url: str) -> str:
    return PublicAddress.read(url).url if url else url


Port = Annotated[int, Field(ge=1, le=65535)]
Count = Annotated[int, Field(ge=1)]
Milliseconds = Annotated[int, Field(ge=50, le=3_600_000)]
Positive = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(gt=0, le=1)]
Name = Annotated[str, Field(min_length=1, max_length=128)]
Location = Annotated[str, AfterValidator(_check_location)]
OptionalLocation = Annotated[str, AfterValidator(lambda name: _check_location(name) if name else name)]
Locations = Annotated[str, AfterValidator(_check_locations)]
Zone = Annotated[str, AfterValidator(_check_zone)]
LocaleName = Annotated[str, AfterValidator(check_locale)]
FieldDays = Annotated[str, AfterValidator(_check_field_days)]
DatedRates = Annotated[str, AfterValidator(_check_dated_rates)]
Hours = Annotated[str, AfterValidator(_check_hours)]
Holidays = Annotated[str, AfterValidator(_check_holidays)]
StoreURL = Annotated[str, AfterValidator(check_store_url)]
CAFile = Annotated[str, AfterValidator(_check_ca_file)]
SocketURL = Annotated[str, AfterValidator(_check_socket_url), Field(validate_default=True)]
Origins = Annotated[str, AfterValidator(_check_origins)]
Networks = Annotated[str, AfterValidator(_check_networks)]
HeaderName = Annotated[str, AfterValidator(_check_header)]
MetadataURL = Annotated[str, AfterValidator(_check_metadata_url)]
PublicURL = Annotated[str, AfterValidator(_check_public_url)]

GUIDE_NAMES = {
    "socket_url": "NEXT_PUBLIC_SOCKET_URL",
    "enable_websocket": "NEXT_PUBLIC_ENABLE_WEBSOCKET",
    "fallback_to_polling": "NEXT_PUBLIC_FALLBACK_TO_POLLING",
    "show_connection_status": "NEXT_PUBLIC_SHOW_CONNECTION_STATUS",
    "socket_timeout_ms": "SOCKET_IO_TIMEOUT",
    "reconnection_attempts": "SOCKET_IO_RECONNECTION_ATTEMPTS",
    "refresh_interval_ms": "REAL_TIME_REFRESH_INTERVAL",
    "bot_status_interval_ms": "BOT_STATUS_REFRESH_INTERVAL",
    "metrics_interval_ms": "METRICS_REFRESH_INTERVAL",
}
"""What the original guide calls a setting, by its field."""


def _names(field: str) -> AliasChoices:
    """Return the names in the environment that set a field, ours first."""
    guide_name = GUIDE_NAMES.get(field)
    return AliasChoices(f"JORGE_{field.upper()}", *([guide_name] if guide_name else []))


def _setting(default: Any, about: str) -> Any:
    return Field(default, description=about)


class Settings(BaseSettings):
    """All that can be set: type, default and meaning; immutable once read."""

    model_config = SettingsConfigDict(
        env_file=".env",
        extra="ignore",
        frozen=True,
        populate_by_name=True,
        alias_generator=AliasGenerator(validation_alias=_names),
    )

    # Event server
    host: str = _setting("127.0.0.1", "address the event server listens on")
    port: Port = _setting(8001, "port of the event server")
    store_url: StoreURL = _setting("sqlite:///var/jorge.db", "where events are kept: a file, or `postgresql://…`")
    token_secret: SecretStr = _setting(
        SecretStr(""),
        "signs tokens (HS256, 32 bytes or more); two at once, comma-separated, the new one first; "
        "empty: made once, kept in var/token-secret",
    )
    public_url: PublicURL = _setting(
        "", "the address in the browser where a proxy stands before both processes, as in https://example.com/jorge"
    )
    anonymous: Literal["off", "read"] = _setting(
        "off", "what needs no token: read is for a developer's own machine, and ends where a request was forwarded"
    )
    origins: Origins = _setting("", "web origins that may open the event socket, comma-separated")
    publish_rate: Count = _setting(50_000, "events a second one token may publish before 429")
    max_clients: Count = _setting(5_000, "live connections at once")
    clients_an_address: Count = _setting(
        2_500, "live connections at once from one address; behind a proxy, which is one, as many as JORGE_MAX_CLIENTS"
    )
    locations_a_token: Count = _setting(500, "locations that one token may begin while the server runs")
    session_idle_hours: Positive = _setting(12, "hours without use after which a login ends")
    session_hours: Positive = _setting(168, "hours after which a login ends whatever its use")
    log_level: Literal["debug", "info", "warning", "error"] = _setting("info", "least level logged")

    # Business
    location: Location = _setting("default", "the office on screen when the link names none")
    zone: Zone = _setting("America/Chicago", "the office's time zone")
    office_hours: Hours = _setting(
        "Mon-Fri 8:00-18:00,Sat 9:00-14:00", "when somebody is there to call, by the office's clock; empty: at any hour"
    )
    holidays: Holidays = _setting(
        "", "days without office hours, comma-separated, as in 2026-11-26,2026-12-24/2026-12-26"
    )
    response_target: Share = _setting(
        0.5, "share of those who turn hot in office hours that should hear from a person within 5 minutes"
    )
    locale: LocaleName = _setting(
        "", "how numbers, money, dates and clocks are written, as in en-US, de-DE or ar-EG; empty: 24 Nov, 14:07, 18 %"
    )
    commission_rate: Share = _setting(0.06, "share of a deal's value that is commission")
    monthly_target: Positive = _setting(25_000, "commission to win in a month, US dollars")
    intent_target_ms: Positive = _setting(42, "longest an intent analysis should take")
    confidence_target: Share = _setting(0.85, "least confidence an intent analysis should have")
    accuracy_target: Share = _setting(0.95, "share of labelled analyses that should be right")
    uptime_target: Share = _setting(0.995, "share of time a component should be up")
    down_until_reported: bool = _setting(True, "a component that reported down is down until it reports otherwise")
    silent_after_minutes: Positive = _setting(15, "a working bot that reports nothing for so long needs a human")
    fresh_amber_s: Positive = _setting(300, "age of the newest event that turns freshness amber")
    fresh_red_s: Positive = _setting(1800, "age that turns freshness red")

    # History
    retention: Literal["keep", "archive", "delete"] = _setting(
        "keep",
        "what becomes of old events: archive moves them to Parquet files that are still read, delete removes them",
    )
    retention_days: Count = _setting(400, "age at which an event is old; rollups stay for ever")
    retention_fields: FieldDays = _setting(
        "", "after how many days a field goes from events, whose figures stay: body=90,phone=365 (docs/privacy.md)"
    )
    commission_rates: DatedRates = _setting("", "other rates, from a date on: 2025-01-01=0.05,2026-07-01=0.055")

    # Sources: what is not set is off
    ghl_public_key: str = _setting("", "GoHighLevel's Ed25519 key, PEM text or a file; empty: the published key")
    ghl_legacy_rsa: bool = _setting(False, "accept GoHighLevel's old RSA signature as well")
    ghl_token: SecretStr = _setting(SecretStr(""), "private integration token for GoHighLevel's API")
    ghl_location: OptionalLocation = _setting("", "the GoHighLevel location that is synchronized")
    ghl_locations: Locations = _setting(
        "", "whose GoHighLevel webhooks are taken, comma-separated; empty: every location's"
    )
    ghl_base_url: str = _setting("https://services.leadconnectorhq.com", "GoHighLevel's API, as the server reaches it")
    ghl_sync_minutes: Positive = _setting(5, "how often GoHighLevel is asked for what webhooks missed")
    workflow_secret: SecretStr = _setting(
        SecretStr(""), "what a GoHighLevel workflow sends in X-Jorge-Webhook-Secret; 16 characters or more"
    )
    retell_api_key: SecretStr = _setting(
        SecretStr(""), "the Retell API key with the webhook badge; it signs its webhooks"
    )
    redis_url: SecretStr = _setting(SecretStr(""), "take events from Redis, as in redis://localhost:6379/0")
    redis_stream: str = _setting("jorge_events", "the stream and the channel that are read")

    # Dashboard
    dashboard_port: Port = _setting(3000, "port of the dashboard under `make run`")
    socket_url: SocketURL = _setting(
        "", "the event server, as the dashboard reaches it; empty: ws://localhost and JORGE_PORT"
    )
    token: SecretStr = _setting(
        SecretStr(""),
        "the dashboard's own token; of the role dashboard where people log in; empty: made from the secret if here",
    )
    ca_file: CAFile = _setting(
        "", "a file of certificates (PEM) that are trusted besides the machine's, by every client of ours"
    )
    unencrypted: bool = _setting(
        False,
        "send tokens over ws:// and http:// to other machines too, and let people log in by http://: where nobody else "
        "is on the way",
    )
    embedded: Literal["auto", "0", "1"] = _setting(
        "auto", "start an event server as a child: auto does where none answers on a loopback address"
    )
    demo: Literal["auto", "0", "1"] = _setting("auto", "demo bots: auto plays until a real event has come")
    demo_speed: Annotated[float, Field(gt=0, le=1000)] = _setting(1.0, "how fast the demo day passes")
    demo_seed: int = _setting(7, "same seed, same day")
    login: Literal["", "users", "oidc", "proxy"] = _setting(
        "",
        "how people log in: users (with a password), oidc (OpenID Connect), proxy (it says who it is); empty: nobody "
        "does, and the dashboard serves this machine alone",
    )
    oidc_metadata_url: MetadataURL = _setting(
        "", "the provider's configuration, as in https://login.example.com/.well-known/openid-configuration"
    )
    oidc_client_id: str = _setting("", "what the provider calls this dashboard")
    oidc_client_secret: SecretStr = _setting(SecretStr(""), "by which the provider knows this dashboard")
    proxy_header: HeaderName = _setting(
        "", "the header in which a proxy that authenticates names the user, as in X-Forwarded-User"
    )
    trusted_proxies: Networks = _setting(
        "",
        "addresses and networks of proxies whose word is taken: for a user's name, and for a client's address; empty: "
        "for the address alone that of this machine",
    )
    viewer: Name = _setting("jorge", "without a login: the name under which the person on this machine acts")
    role: Person = _setting("admin", "without a login: what the person on this machine may see and do")
    diagnostics: bool = _setting(True, "show the diagnostics panel")
    exit_with_parent: bool = _setting(False, "end when the program that started us has ended")
    enable_websocket: bool = _setting(True, "hold a live connection; without it the feed polls")
    fallback_to_polling: bool = _setting(True, "poll when the live connection keeps failing")
    show_connection_status: bool = _setting(True, "show the connection pill")
    socket_timeout_ms: Milliseconds = _setting(5000, "longest a connection attempt may take")
    reconnection_attempts: Annotated[int, Field(ge=1, le=1000)] = _setting(5, "failed attempts before the feed polls")
    refresh_interval_ms: Milliseconds = _setting(5000, "how often the feed polls and the page refreshes while not live")
    bot_status_interval_ms: Milliseconds = _setting(
        2000, "how often what time alone changes is recomputed (silent bots, windows)"
    )
    metrics_interval_ms: Milliseconds = _setting(
        5000, "how often pages that are not live refresh, unless their user says otherwise"
    )
    paint_interval_ms: Annotated[int, Field(ge=10, le=1000)] = _setting(
        40, "least time between two paints of the live wall"
    )

    @field_validator("*", mode="before")
    @classmethod
    def _check_digits(cls, value: Any, info: ValidationInfo) -> Any:
        """Refuse what pydantic takes for a number besides: `1_0`, `inf`, `1e400`; a space around it does no harm."""
        type_ = cls.model_fields[str(info.field_name)].annotation
        if type_ in (int, float) and isinstance(value, str) and read_decimal(value.strip()) is None:
            raise ValueError("a valid integer" if type_ is int else "a valid number")
        return value

    @property
    def on_postgresql(self) -> bool:
        return is_postgresql(self.store_url)

    @property
    def store_file(self) -> Path:
        """The file of the store; raise SettingsError where the store is a PostgreSQL."""
        if self.on_postgresql:
            allowed = "sqlite:///<file> here: PostgreSQL's own tools back it up and restore it, as pg_dump does"
            raise SettingsError("JORGE_STORE_URL", "a database of PostgreSQL", allowed)
        return store_file(self.store_url)

    @property
    def store_folder(self) -> Path:
        """Where all stands that is beside the store: the archive, keys."""
        return store_folder(self.store_url)

    @property
    def timezone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @property
    def rates(self) -> CommissionRates:
        """The commission rate of every day."""
        return CommissionRates.parse(self.commission_rate, self.commission_rates)

    @property
    def hours(self) -> OfficeHours:
        """When the office is open."""
        return OfficeHours.parse(self.office_hours, self.holidays)

    @property
    def targets(self) -> dict[str, Any]:
        """What the figures are compared with, by the names of `metrics.Targets`."""
        return {
            "zone": self.timezone,
            "rates": self.rates,
            "hours": self.hours,
            "monthly_target": self.monthly_target,
            "intent_target_ms": self.intent_target_ms,
            "confidence_target": self.confidence_target,
            "uptime_target": self.uptime_target,
            "response_target": self.response_target,
            "silent_after_s": self.silent_after_minutes * 60,
            "fresh_amber_s": self.fresh_amber_s,
            "fresh_red_s": self.fresh_red_s,
        }

    @property
    def api_url(self) -> str:
        """The event server's HTTP address, from the websocket's."""
        parts = urlsplit(self.socket_url)
        path = parts.path.rstrip("/").removesuffix("/ws")
        return f"{'https' if parts.scheme == 'wss' else 'http'}://{parts.netloc}{path}"

    @property
    def public_address(self) -> PublicAddress | None:
        """The address in the browser; None where no proxy is known of."""
        return PublicAddress.read(self.public_url) if self.public_url else None

    @property
    def trusted_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """Whose word is taken for whom a request was forwarded."""
        return _networks(self.trusted_proxies or ("" if self.login == "proxy" else "127.0.0.0/8,::1"))

    @property
    def events_socket_url(self) -> str:
        """The event server's websocket for everybody."""
        url = self.public_address.events_url if self.public_address else ""
        return f"ws{url.removeprefix('http')}/ws" if url else self.socket_url

    @property
    def events_url(self) -> str:
        """The event server's HTTP address for everybody: the public one, else the dashboard's."""
        return self.public_address.events_url if self.public_address else self.api_url


def read_settings(**overrides: Any) -> Settings:
    """Read the settings, `overrides` before the environment, and that before `.env`.

    Raises SettingsError with the name that was set, its value and what is allowed.
    """
    try:
        read = Settings(**overrides)
        if read.unencrypted:  # clients of bots, which have no settings, look for it there; it may stand in `.env`
            os.environ["JORGE_UNENCRYPTED"] = "1"
        return read
    except ValidationError as error:
        raise _faults(error)[0] from None


def read_settings_with_faults() -> tuple[Settings, list[SettingsError]]:
    """Read the settings as `read_settings` does, with the default where a value is wrong; return all that are wrong."""
    try:
        return read_settings(), []
    except SettingsError:
        wrong: dict[str, Any] = {}
        faults: list[SettingsError] = []
    while True:  # a value may be found wrong only where another, which it is compared with, is not
        try:
            return Settings(**wrong), faults
        except ValidationError as error:
            faults += _faults(error)
            names = {_field_of(str(fault["loc"][0])) for fault in error.errors(include_url=False)}
            wrong |= {name: Settings.model_fields[name].default for name in names}


def unknown_names() -> list[str]:
    """Return the names that begin as ours do, in the environment and in `.env`, and set nothing."""
    sources = EnvSettingsSource(Settings), DotEnvSettingsSource(Settings)
    known = {name.lower() for name in setting_names()} | {name.lower() for name in OWN_NAMES}
    named = {name.upper() for source in sources for name in source.env_vars if name.lower().startswith(PREFIX.lower())}
    return sorted(name for name in named if name.lower() not in known)


def setting_names() -> list[str]:
    """Return every name that sets something."""
    return [str(name) for field in Settings.model_fields for name in _names(field).choices]


PREFIX = "JORGE_"
OWN_NAMES = ("JORGE_CHILD", "JORGE_NOTHING_SKIPPED")
"""Names that our own processes and tests tell each other, and nobody sets."""


def _faults(error: ValidationError) -> list[SettingsError]:
    return [
        SettingsError(_name_that_was_set(str(fault["loc"][0])), fault["input"], _WORDING.sub("", fault["msg"]))
        for fault in error.errors(include_url=False)
    ]


def _field_of(name: str) -> str:
    """Return the field that a name sets; pydantic reports the first of its names, or the field."""
    return next(field for field in Settings.model_fields if name == field or name in _names(field).choices)


_WORDING = re.compile(r"^Value error, |^(Input|String) should (be |have )?|, unable to .*$", re.DOTALL)
"""The words of pydantic around what is allowed."""


def _name_that_was_set(name: str) -> str:
    """Return which of a setting's names was set; pydantic reports the first, whichever it was."""
    choices = next((names for names in map(_names, Settings.model_fields) if name in names.choices), AliasChoices(name))
    sources = EnvSettingsSource(Settings), DotEnvSettingsSource(Settings)
    was_set = (str(each) for source in sources for each in choices.choices if str(each).lower() in source.env_vars)
    return next(was_set, name)


@cache
def settings() -> Settings:
    """Return this process's settings, read once."""
    return read_settings()
