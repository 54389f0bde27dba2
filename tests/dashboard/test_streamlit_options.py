"""Streamlit's options, as our settings and its own environment set them; each test in a process of its own."""

import json
import subprocess
import sys

import pytest

from tests.dashboard_process import ROOT

PROGRAM = """
import json
from streamlit import config
from streamlit.web.bootstrap import load_config_options
from jorge_data.dashboard import streamlit_options
from jorge_data.errors import SettingsError
from jorge_data.settings import read_settings
import os
names = {
    "STREAMLIT_SERVER_ALLOWED_HOSTS": "server_allowedHosts",
    "STREAMLIT_SERVER_BASE_URL_PATH": "server_baseUrlPath",
}
given = {option: os.environ[name] for name, option in names.items() if name in os.environ}
load_config_options({name: [value] if name == "server_allowedHosts" else value for name, value in given.items()})
try:
    path = streamlit_options.apply(read_settings(_env_file=None))
except SettingsError as error:
    path = str(error)
options = ("server.allowedHosts", "server.corsAllowedOrigins", "server.baseUrlPath")
print(json.dumps([path, *map(config.get_option, options)]))
"""


def applied(**environment: str) -> list[object]:
    """Return the path, the hosts, the origins and the base path that are in force."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return list(json.loads(done.stdout.splitlines()[-1]))


OWN = ["localhost", "127.0.0.1", "::1"]


def test_hosts_may_be_written_with_commas_as_in_every_other_list() -> None:
    hosts = applied(STREAMLIT_SERVER_ALLOWED_HOSTS="a.example, b.example")[1]
    assert hosts == ["a.example", "b.example", *OWN]


def test_the_public_address_is_a_host_an_origin_and_a_path() -> None:
    path, hosts, origins, base = applied(JORGE_PUBLIC_URL="https://office.example.com:8443/jorge")
    assert (path, base) == ("/jorge", ""), "the path is taken off before Streamlit sees it"
    assert hosts == [*OWN, "office.example.com"]
    assert origins == ["https://office.example.com:8443"]


def test_streamlits_own_path_is_the_path() -> None:
    assert applied(STREAMLIT_SERVER_BASE_URL_PATH="/jorge/")[0] == "/jorge"
    both = applied(STREAMLIT_SERVER_BASE_URL_PATH="jorge", JORGE_PUBLIC_URL="https://office.example.com/jorge")
    assert both[0] == "/jorge"


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        (
            {"STREAMLIT_SERVER_BASE_URL_PATH": "a", "JORGE_PUBLIC_URL": "https://office.example.com/b"},
            "STREAMLIT_SERVER_BASE_URL_PATH is 'a'; allowed: that of https://office.example.com/b (JORGE_PUBLIC_URL),"
            " or nothing",
        ),
        (
            {"JORGE_PUBLIC_URL": "https://office.example.com/revenue"},
            "JORGE_PUBLIC_URL is 'https://office.example.com/revenue'; allowed: a path that begins with no page or"
            " route of ours",
        ),
        (
            {"STREAMLIT_SERVER_BASE_URL_PATH": "api"},
            "STREAMLIT_SERVER_BASE_URL_PATH is 'api'; allowed: a path that begins with no page or route of ours",
        ),
    ],
)
def test_a_path_that_cannot_be_is_one_sentence(environment: dict[str, str], sentence: str) -> None:
    assert applied(**environment)[0] == sentence


def test_what_streamlit_guards_by_itself_stays_on() -> None:
    guards = "server.enableXsrfProtection", "server.enableCORS", "server.enableWebsocketCompression"
    program = PROGRAM.replace("map(config.get_option, options)", f"map(config.get_option, {guards})")
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env={}, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1]) == ["", True, True, False]
