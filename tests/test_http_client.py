"""Every client of ours in an office's network: a forward proxy in the environment, an authority of its own."""

import os
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest
import requests

from jorge_data.bots import Client, Publisher
from jorge_data.cli.doctor import examine
from jorge_data.cli.event_server import post
from jorge_data.dashboard import embedded_server
from jorge_data.dashboard.query.api_client import ApiClient
from jorge_data.errors import JorgeError, SettingsError
from jorge_data.feed import Endpoint, Feed, Timing
from jorge_data.feed.websocket import FeedSocket
from jorge_data.http_client import (
    Bearer,
    check_ca_file,
    check_encrypted,
    http_session,
    is_loopback,
    proxy_of,
    tls_context,
)
from jorge_data.settings import Settings, read_settings
from jorge_data.vendors.gohighlevel.api import API
from tests.feed.recorder import Recorder
from tests.forward_proxy import ForwardProxy
from tests.http_server import HttpServer
from tests.served import Served, bot_status, free_port
from tests.tls import OFFICE, Authority, TLSEndpoint

ROOT = Path(__file__).parents[1]
QUICK = Timing(backoff_base_s=0.02, backoff_cap_s=0.05, probe_s=30, fatal_s=30)
VARIABLES = (
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "JORGE_CA_FILE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
)


class Way(NamedTuple):
    """How the event server is reached, for those that have to know."""

    server: Served
    address: str  # host:port
    folder: Path
    scheme: str = "s"
    ca_file: str | None = None  # where the environment does not say it
    patience_s: float = 20

    @property
    def http(self) -> str:
        return f"http{self.scheme}://{self.address}"

    @property
    def websocket(self) -> str:
        return f"ws{self.scheme}://{self.address}"

    @property
    def settings(self) -> Settings:
        given = {"socket_url": self.websocket, "token": self.server.token(), "token_secret": self.server.secret}
        return Settings.model_validate(given | ({"ca_file": self.ca_file} if self.ca_file else {}))

    def endpoint(self, **given: bool) -> Endpoint:
        return Endpoint(self.websocket, self.http, self.server.token(), attempts=1, ca_file=self.ca_file, **given)


def feed(way: Way, **given: bool) -> str:
    """Follow the server until it is reached, or has been tried; return what the pill says of it."""
    recorder = Recorder()
    follower = Feed(way.endpoint(**given), "default", recorder, timing=QUICK)
    follower.start()
    try:
        recorder.wait(lambda: any(status.state != "connecting" for status in recorder.statuses))
    finally:
        assert follower.stop(5)
    first = next(status for status in recorder.statuses if status.state != "connecting")
    return "" if first.reachable else first.detail


def by_websocket(way: Way) -> str:
    return feed(way, polling=False)


def by_polling(way: Way) -> str:
    return feed(way, websocket=False)


def by_questions(way: Way) -> str:
    with closing(ApiClient(way.endpoint())) as api:
        api.get("/api/locations")
        api.post("/events", bot_status())
    return ""


def by_client(way: Way) -> str:
    with Client(way.http, way.server.token(), give_up_s=0.1, ca_file=way.ca_file) as client:
        (receipt,) = client.publish([bot_status()])
    return str(receipt.error or "")


def by_publisher(way: Way) -> str:
    spool = way.folder / "spool.db"
    with Publisher(way.http, way.server.token(), source="tests", spool=spool, ca_file=way.ca_file) as publisher:
        publisher.bot_status(bot_type="jorge-seller", status="idle")
        return "" if publisher.flush(way.patience_s) else str(publisher.trouble)


def by_command(way: Way) -> str:
    """Post as `rebuild` and `sync` do, in this process."""
    list(post(way.settings, "/api/rollups/rebuild", "default"))
    return ""


def commanded(way: Way, *arguments: str) -> str:
    set_here = {"JORGE_CA_FILE": way.ca_file} if way.ca_file else {}
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "JORGE_SOCKET_URL": way.websocket, **set_here}
    run = subprocess.run(
        [sys.executable, "-m", "jorge_data", *arguments],
        env=environment | {"JORGE_TOKEN": way.server.token()},
        cwd=way.folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return "" if run.returncode == 0 else run.stderr.strip()


def by_doctor(way: Way) -> str:
    findings = {finding.subject: finding for finding in examine(way.settings)}
    assert findings["event server"].detail.startswith(way.http) or not findings["event server"].passed
    if findings["event server"].passed:
        assert findings["token"].passed, findings["token"]
        return ""
    return findings["event server"].detail


def by_embedded_server(way: Way) -> str:
    return "" if embedded_server.is_running(way.http, way.ca_file) else "is not running"


def by_gohighlevel(way: Way) -> str:
    with closing(API(way.http, "token", "north", lambda seconds: False, way.ca_file)) as api:
        # What answers is the event server, which has no such record: that it answers is what is asked here.
        return "" if not api.has("contacts", "c-1") else "has a contact"


CLIENTS: tuple[Callable[[Way], str], ...] = (
    by_websocket,
    by_polling,
    by_questions,
    by_client,
    by_publisher,
    by_command,
    by_doctor,
    by_embedded_server,
    by_gohighlevel,
)
NAMES = [client.__name__ for client in CLIENTS]


def said(client: Callable[[Way], str], way: Way) -> str:
    """Return what a client says that cannot reach its server, "" where it reaches it."""
    try:
        return client(way)
    except JorgeError as error:
        return str(error)


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def endpoint(authority: Authority, served: Served) -> Iterator[TLSEndpoint]:
    with TLSEndpoint(served.port, authority.server(OFFICE, "localhost", "127.0.0.1")) as endpoint:
        yield endpoint


@pytest.fixture(scope="module")
def proxy(endpoint: TLSEndpoint, served: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForwardProxy]:
    names = {f"{OFFICE}:443": endpoint.port, f"{OFFICE}:80": served.port}
    with ForwardProxy(tmp_path_factory.mktemp("proxy"), names) as proxy:
        yield proxy


def through(proxy: ForwardProxy, monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    for name in names or ("HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, proxy.url)


@pytest.mark.parametrize("client", CLIENTS, ids=NAMES)
def test_one_variable_lets_every_client_trust_an_offices_own_authority_and_go_by_its_proxy(
    client: Callable[[Way], str],
    served: Served,
    proxy: ForwardProxy,
    authority: Authority,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    through(proxy, monkeypatch)
    monkeypatch.setenv("JORGE_CA_FILE", str(authority.file))
    before = len(proxy.requests)
    assert said(client, Way(served, OFFICE, tmp_path)) == ""
    asked = proxy.requests[before:]
    assert set(asked) == {f"CONNECT {OFFICE}:443"}


@pytest.mark.parametrize("client", CLIENTS, ids=NAMES)
def test_a_certificate_that_is_not_trusted_is_one_sentence_with_the_setting_that_helps(
    client: Callable[[Way], str],
    served: Served,
    proxy: ForwardProxy,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    through(proxy, monkeypatch)
    sentence = said(client, Way(served, OFFICE, tmp_path))
    advice = "set JORGE_CA_FILE to the file (PEM) of the authority that signed it"
    assert f"://{OFFICE} is not trusted: {advice}" in sentence
    assert len(sentence.splitlines()) == 1
    assert "s3cret" not in sentence


def test_a_command_is_told_by_its_environment_too(
    served: Served,
    proxy: ForwardProxy,
    authority: Authority,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    through(proxy, monkeypatch)
    way = Way(served, OFFICE, tmp_path)
    assert "is not trusted: set JORGE_CA_FILE" in commanded(way, "rebuild")
    trusting = way._replace(ca_file=str(authority.file))
    assert commanded(trusting, "export", "events.ndjson", "--location", "default") == ""


@pytest.mark.parametrize("client", CLIENTS, ids=NAMES)
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_loopback_is_reached_directly_whatever_proxy_the_environment_names(
    client: Callable[[Way], str],
    host: str,
    served: Served,
    authority: Authority,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    context = authority.server("localhost", "127.0.0.1", "::1")
    with TLSEndpoint(served.port, context, "::1" if ":" in host else "127.0.0.1") as endpoint:
        way = Way(served, f"{host}:{endpoint.port}", tmp_path, ca_file=str(authority.file))
        assert said(client, way) == ""


@pytest.mark.parametrize("client", CLIENTS, ids=NAMES)
def test_what_no_proxy_names_is_not_asked_of_the_proxy(
    client: Callable[[Way], str],
    served: Served,
    proxy: ForwardProxy,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    through(proxy, monkeypatch)
    monkeypatch.setenv("NO_PROXY", "elsewhere.test, .office.test")
    before = proxy.requests
    sentence = said(client, Way(served, OFFICE, tmp_path, patience_s=0.5))
    assert sentence  # no name server knows the name
    assert "proxy" not in sentence
    assert proxy.requests == before


@pytest.mark.parametrize("client", [by_websocket, by_polling, by_client], ids=lambda client: client.__name__)
def test_without_tls_the_proxy_is_taken_as_well(
    client: Callable[[Way], str],
    served: Served,
    proxy: ForwardProxy,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    through(proxy, monkeypatch, "http_proxy")
    monkeypatch.setenv("JORGE_UNENCRYPTED", "1")
    before = len(proxy.requests)
    assert said(client, Way(served, f"{OFFICE}:80", tmp_path, scheme="")) == ""
    assert proxy.requests[before:]


@pytest.mark.parametrize("client", [by_websocket, by_polling, by_client], ids=lambda client: client.__name__)
@pytest.mark.parametrize(
    ("proxy_url", "reason"),
    [
        ("http://office:s3cret@127.0.0.1:9", "does not answer by the proxy http://127.0.0.1:9 (NO_PROXY names"),
        ("office:s3cret@127.0.0.1:9", "Connection refused"),
        ("socks5://office:s3cret@127.0.0.1:9", "socks5"),
        ("http://office:s3cret@:9", "proxy"),
        ("http://office:s3cret@127.0.0.1:99999", "proxy"),
    ],
)
def test_a_proxy_that_does_not_answer_is_named_without_its_password(
    client: Callable[[Way], str],
    proxy_url: str,
    reason: str,
    served: Served,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy_url)
    sentence = said(client, Way(served, OFFICE, tmp_path))
    assert reason.lower() in sentence.lower()
    assert "s3cret" not in sentence


@pytest.mark.parametrize("client", CLIENTS, ids=NAMES)
def test_a_certificate_that_has_expired_or_is_for_another_name_says_so(
    client: Callable[[Way], str], served: Served, authority: Authority, tmp_path: Path
) -> None:
    for context, reason in (
        (authority.server("localhost", expired=True), "has expired: renew it, or set this machine's clock right"),
        (authority.server("elsewhere.test"), "is for another name"),
    ):
        with TLSEndpoint(served.port, context) as endpoint:
            sentence = said(client, Way(served, f"localhost:{endpoint.port}", tmp_path, ca_file=str(authority.file)))
        assert f"the certificate of {sentence.partition('certificate of ')[2].partition(' ')[0]} {reason}" in sentence


@pytest.mark.parametrize("client", CLIENTS, ids=NAMES)
def test_tls_asked_of_a_server_without_it_says_so(client: Callable[[Way], str], served: Served, tmp_path: Path) -> None:
    sentence = said(client, Way(served, f"localhost:{served.port}", tmp_path))
    assert "does not speak TLS" in sentence


def test_an_authority_is_trusted_besides_those_of_the_machine(authority: Authority) -> None:
    assert len(tls_context(str(authority.file)).get_ca_certs()) == len(tls_context("").get_ca_certs()) + 1
    assert len(tls_context("").get_ca_certs()) > 100
    assert tls_context("").verify_mode is ssl.CERT_REQUIRED


def test_the_servers_own_certificate_may_be_the_file(authority: Authority, served: Served, tmp_path: Path) -> None:
    with TLSEndpoint(served.port, authority.server("localhost")) as endpoint:
        own = tmp_path / "own.pem"
        own.write_text(ssl.get_server_certificate(("localhost", endpoint.port)))
        assert by_client(Way(served, f"localhost:{endpoint.port}", tmp_path, ca_file=str(own))) == ""


@pytest.mark.parametrize("text", ["", "not a certificate", None])
def test_a_file_of_authorities_that_is_none_is_refused_by_its_name(text: str | None, tmp_path: Path) -> None:
    path = tmp_path / "authority.pem"
    if text is not None:
        path.write_text(text)
    reason = "no such file or directory" if text is None else "holds no certificate"
    sentence = f"JORGE_CA_FILE is '{path}'; allowed: a file of certificates (PEM); this one: {reason}"
    with pytest.raises(SettingsError) as refused:
        check_ca_file(str(path))
    assert str(refused.value) == sentence
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "JORGE_CA_FILE": str(path)}
    run = subprocess.run(
        [sys.executable, "-m", "jorge_data", "serve"], env=environment, capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stderr.strip()) == (2, sentence)


def test_no_other_variable_replaces_what_is_trusted(
    authority: Authority, served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """requests would take REQUESTS_CA_BUNDLE alone, and so not what JORGE_CA_FILE names."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "nothing.pem"))
    monkeypatch.setenv("JORGE_CA_FILE", str(authority.file))
    with TLSEndpoint(served.port, authority.server("localhost")) as endpoint:
        assert by_client(Way(served, f"localhost:{endpoint.port}", tmp_path)) == ""


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST", "localhost.", "events.localhost", "127.0.0.1", "127.9.9.9", "[::1]", "0.0.0.0", "[::]"],
)
def test_these_are_this_machine(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://proxy:3128")
    assert is_loopback(f"wss://{host}:8001")
    assert proxy_of(f"wss://{host}:8001") is None


@pytest.mark.parametrize(
    "host", ["localhost.example", "notlocalhost", "10.0.0.1", "[fe80::1]", "127.0.0.1.example", ""]
)
def test_these_are_not(host: str) -> None:
    assert not is_loopback(f"http://{host}")


@pytest.mark.parametrize(
    ("url", "environment", "proxy"),
    [
        ("ws://events.example", {"HTTP_PROXY": "http://proxy:1"}, "http://proxy:1"),
        ("wss://events.example", {"HTTP_PROXY": "http://proxy:1"}, None),
        ("wss://events.example", {"HTTPS_PROXY": "proxy:1"}, "http://proxy:1"),
        ("https://events.example", {"ALL_PROXY": "http://proxy:1"}, "http://proxy:1"),
        ("https://events.example", {"ALL_PROXY": "http://proxy:1", "NO_PROXY": "example"}, None),
        ("https://events.example:8443", {"HTTPS_PROXY": "http://proxy:1", "NO_PROXY": "events.example:8443"}, None),
        ("https://10.1.2.3", {"HTTPS_PROXY": "http://proxy:1", "NO_PROXY": "10.1.0.0/16"}, None),
        ("https://10.2.2.3", {"HTTPS_PROXY": "http://proxy:1", "NO_PROXY": "10.1.0.0/16"}, "http://proxy:1"),
        ("https://events.example", {"HTTPS_PROXY": "http://proxy:1", "NO_PROXY": "*"}, None),
        ("https://events.example", {"HTTPS_PROXY": ""}, None),
    ],
)
def test_the_websocket_and_requests_take_the_same_proxy(
    url: str, environment: dict[str, str], proxy: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert proxy_of(url) == proxy
    assert http_session(url).proxies == ({"all": proxy} if proxy else {})


def test_a_redirect_is_not_followed_but_named(tmp_path: Path, served: Served) -> None:
    """Followed, it would turn the publish into a GET, which answers 200 and stores nothing."""
    moved = {"Location": "https://user:s3cret@events.example/events?token=s3cret"}
    with HttpServer(lambda request: (301, moved, b"")) as server:
        way = Way(served, server.url.removeprefix("http://"), tmp_path, scheme="")
        for client in (by_polling, by_questions, by_client, by_publisher, by_gohighlevel):
            sentence = said(client, way)
            assert "has moved to https://…@events.example/events: use that one" in sentence
            assert "s3cret" not in sentence


@pytest.mark.parametrize(("token", "carried"), [("t0ken", "Bearer t0ken"), ("", None)])
def test_netrc_adds_nothing_and_replaces_nothing(
    token: str, carried: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("default login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with http_session("https://events.example", token) as session:
        prepared = session.prepare_request(requests.Request("GET", "https://events.example/events"))
    assert prepared.headers.get("Authorization") == carried


@pytest.mark.parametrize("url", ["http://events.example", "HTTP://10.0.0.7:8001/", "http://office:8001"])
def test_a_token_is_sent_to_no_other_machine_in_the_open(url: str) -> None:
    with pytest.raises(SettingsError, match="allowed: https://, or JORGE_UNENCRYPTED=1"):
        http_session(url, "a token")
    with http_session(url) as session, pytest.raises(SettingsError, match="JORGE_UNENCRYPTED"):
        session.get(url, auth=Bearer("a token"), timeout=1)


@pytest.mark.parametrize("url", ["ws://events.example", "ws://10.0.0.7:8001/ws"])
def test_no_socket_carries_one_in_the_open_either(url: str) -> None:
    with pytest.raises(SettingsError, match="allowed: wss://, or JORGE_UNENCRYPTED=1"):
        FeedSocket(Endpoint(url, "", "a token"), lambda size: None).open()


@pytest.mark.parametrize(
    "url", ["https://events.example", "http://localhost:8001", "ws://[::1]:8001", "wss://a.example"]
)
def test_encrypted_or_on_this_machine_it_is(url: str) -> None:
    check_encrypted(url)


def test_where_nobody_else_is_on_the_way_a_setting_allows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JORGE_UNENCRYPTED", "")
    read_settings(_env_file=None, unencrypted=True)
    check_encrypted("http://office:8001")


def test_a_dashboard_that_would_send_one_does_not_start(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "JORGE_SOCKET_URL": "ws://office:8001", "JORGE_TOKEN": "a token"}
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(free_port())]
    run = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert run.returncode == 2
    assert "JORGE_SOCKET_URL is 'ws://office:8001'; allowed: wss://, or JORGE_UNENCRYPTED=1" in run.stderr
