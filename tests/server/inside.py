"""The event server inside the test's own process, where a test must reach into it: shorter pings, a broken store."""

import asyncio
import threading
from pathlib import Path
from typing import Any, Self

import uvicorn
from pydantic import SecretStr

from jorge_data.server.auth.tokens import Tokens
from jorge_data.server.main import configure, listen
from jorge_data.settings import Settings
from tests.served import free_port

SECRET = "0123456789abcdefghijklmnopqrstuvwxyz"


class Inside:
    """A server on a thread of ours, configured as the real one but for the overrides."""

    def __init__(self, folder: Path, given: dict[str, Any] | None = None, **overrides: Any) -> None:
        self.port = free_port()
        store, settings = f"sqlite:///{folder / 'events.db'}", {"anonymous": "read"} | (given or {})
        self.config = configure(
            Settings(_env_file=None, port=self.port, token_secret=SecretStr(SECRET), store_url=store, **settings)  # type: ignore[call-arg]
        )
        for name, value in overrides.items():
            assert hasattr(self.config, name), name
            setattr(self.config, name, value)
        self.server = uvicorn.Server(self.config)
        self.url = f"http://127.0.0.1:{self.port}"
        self.tokens = Tokens(SECRET)
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="server inside")

    async def _serve(self) -> None:
        ending = asyncio.create_task(self.server.serve(sockets=[listen("127.0.0.1", self.port)]))
        while not self.server.started and not ending.done():
            await asyncio.sleep(0.01)
        self._ready.set()
        await ending

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(20)
        return self

    def __exit__(self, *error: object) -> None:
        self.server.should_exit = True
        self._thread.join(20)
        assert not self._thread.is_alive()
