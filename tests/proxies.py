"""Debian's nginx and Caddy with the very recipes of `deploy/`: names, ports and certificates alone are replaced."""

import contextlib
import http.client
import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest

from tests.dashboard_process import ROOT
from tests.served import free_port
from tests.waiting import wait_for_start

PUBLIC_NAMES = {"": "office.example.com", "/jorge": "example.com"}
"""The name in each recipe, by the path that it is for."""


class Proxy:
    """A proxy with TLS on a port of loopback, before a dashboard and an event server on ports to be."""

    def __init__(self, program: str, path: str, folder: Path) -> None:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed: its recipe was not tried")
        self.program, self.path, self.folder = program, path, folder
        self.port = free_port()
        self.name = PUBLIC_NAMES[path]
        self.url = f"https://{self.name}:{self.port}{path}"
        self.certificate = folder / "certificate.pem"
        self._key = folder / "key.pem"
        names = ",".join(f"DNS:{name}" for name in PUBLIC_NAMES.values())
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        command += ["-days", "2", "-subj", "/CN=tests", "-addext", f"subjectAltName={names}"]
        subprocess.run([*command, "-keyout", self._key, "-out", self.certificate], check=True, capture_output=True)

    @property
    def origin(self) -> str:
        return self.url.removesuffix(self.path)

    @contextlib.contextmanager
    def reached(self) -> Iterator[dict[str, Any]]:
        """Yield how a websocket reaches the public name, as options of its connection."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as plain:
            yield {"sock": plain, "ssl": ssl.create_default_context(cafile=self.certificate)}

    @property
    def log(self) -> str:
        return (self.folder / "proxy.log").read_text()

    def start(self, dashboard_port: int, events_port: int) -> Self:
        """Start it before these two; return when it answers."""
        write = self._nginx if self.program == "nginx" else self._caddy
        command = write({"127.0.0.1:3000": f"127.0.0.1:{dashboard_port}", "127.0.0.1:8001": f"127.0.0.1:{events_port}"})
        environment = os.environ | {"HOME": str(self.folder), "XDG_DATA_HOME": str(self.folder)}
        with (self.folder / "proxy.log").open("w") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=environment, cwd=self.folder)
        try:
            wait_for_start(self.process, lambda: self.status(f"{self.path}/health") > 0, lambda: self.log)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        """Return what is answered to a request by the public name."""
        status, _, text = self.ask("GET", path, **headers)
        return status, text

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> tuple[int, http.client.HTTPMessage, str]:
        """Return the status, the headers and the text of an answer to a request by the public name."""
        context = ssl.create_default_context(cafile=self.certificate)
        connection = http.client.HTTPSConnection(self.name, self.port, timeout=10)
        with contextlib.closing(connection), socket.create_connection(("127.0.0.1", self.port), timeout=10) as plain:
            connection.sock = context.wrap_socket(plain, server_hostname=self.name)
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()

    def status(self, path: str, **headers: str) -> int:
        """Return the status of an answer, 0 where there is none."""
        try:
            return self.get(path, **headers)[0]
        except OSError:
            return 0

    def _recipe(self, name: str, replaced: dict[str, str]) -> str:
        recipe = (ROOT / "deploy" / name).read_text()
        for old, new in replaced.items():
            assert old in recipe, f"{name} has no {old}"
            recipe = recipe.replace(old, new)
        return recipe

    def _nginx(self, ports: dict[str, str]) -> list[str]:
        live = f"/etc/letsencrypt/live/{self.name}"
        files = {f"{live}/fullchain.pem": str(self.certificate), f"{live}/privkey.pem": str(self._key)}
        listening = {"listen 443 ssl": f"listen 127.0.0.1:{self.port} ssl"}
        site = self._recipe("nginx-path.conf" if self.path else "nginx.conf", ports | files | listening)
        return nginx_command(self.folder, site)

    def _caddy(self, ports: dict[str, str]) -> list[str]:
        site = {
            f"{self.name} {{": f"{self.url.removesuffix(self.path)} {{\n\tbind 127.0.0.1\n\ttls certificate.pem key.pem"
        }
        config = self._recipe("Caddyfile-path" if self.path else "Caddyfile", ports | site)
        (self.folder / "Caddyfile").write_text("{\n\tadmin off\n\tauto_https disable_redirects\n}\n" + config)
        return ["caddy", "run", "--config", "Caddyfile", "--adapter", "caddyfile"]


def nginx_command(folder: Path, sites: str) -> list[str]:
    """Return how to run nginx with these sites, and with all that it writes in a folder."""
    kept = "".join(
        f"{name}_temp_path {folder / name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;\n" if os.geteuid() == 0 else ""  # else its workers may not enter the test's folder
    (folder / "nginx.conf").write_text(
        f"{user}daemon off;\npid {folder / 'nginx.pid'};\nerror_log stderr warn;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{kept}{sites}\n}}\n"
    )
    return ["nginx", "-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf")]
