"""A real OpenID Connect provider in a process of its own: `oidc-provider-mock`."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import requests

from tests.served import free_port
from tests.waiting import end, wait_for_start


class OidcProviderMock:
    """The provider on a port of loopback; each person logs in there by writing down who he is."""

    def __init__(self, folder: Path, token_max_age_s: int = 3600) -> None:
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self._log, self._age = folder / "oidc.log", token_max_age_s

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(self.port), "--require-nonce"]
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                [*command, "--token-max-age", str(self._age)], stdout=log, stderr=log, cwd=self._log.parent
            )
        wait_for_start(self.process, self._answers, self._log.read_text)
        return self

    def __exit__(self, *error: object) -> None:
        end(self.process, signal.SIGTERM)

    @property
    def metadata_url(self) -> str:
        return f"{self.url}/.well-known/openid-configuration"

    def knows(self, sub: str, **claims: Any) -> None:
        """Have the provider say this of somebody."""
        requests.put(f"{self.url}/users/{quote(sub, safe='')}", json=claims, timeout=10).raise_for_status()

    def _answers(self) -> bool:
        try:
            return requests.get(self.metadata_url, timeout=2).ok
        except requests.RequestException:
            return False
