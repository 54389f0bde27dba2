"""A forward proxy in a process of its own, as an office has one: CONNECT for TLS, absolute addresses for plain HTTP.

    python -m tests.forward_proxy name:port=port ...

Names that end at this machine are given as arguments; whatever else is asked for is refused. Each request is a line of
its output, before it is answered.
"""

import asyncio
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit


class ForwardProxy:
    """The process, from the block's begin to its end; `requests` are the lines that it has written."""

    def __init__(self, folder: Path, names: dict[str, int]) -> None:
        self._output = folder / "proxy.log"
        self._names = names

    def __enter__(self) -> Self:
        names = [f"{name}={port}" for name, port in self._names.items()]
        self._file = self._output.open("w")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.forward_proxy", *names],
            cwd=Path(__file__).parents[1],
            stdout=subprocess.PIPE,
            stderr=self._file,
            text=True,
        )
        assert self._process.stdout
        self.url = f"http://office:s3cret@127.0.0.1:{int(self._process.stdout.readline())}"
        return self

    def __exit__(self, *error: object) -> None:
        self._process.terminate()
        self._process.wait(30)
        assert self._process.stdout
        self._process.stdout.close()
        self._file.close()

    @property
    def requests(self) -> list[str]:
        """What was asked for so far: method and target."""
        return self._output.read_text().splitlines()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
        writer.write_eof()


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, names: dict[str, int]) -> None:
    with suppress(ConnectionError, asyncio.IncompleteReadError):
        head = await reader.readuntil(b"\r\n\r\n")
        line, _, rest = head.partition(b"\r\n")
        method, target, _ = line.decode().split(" ")
        sys.stderr.write(f"{method} {target}\n")
        parts = urlsplit(target if "://" in target else f"//{target}")
        port = names.get(f"{parts.hostname}:{parts.port or 80}")
        if b"Proxy-Authorization: Basic b2ZmaWNlOnMzY3JldA==" not in rest:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        elif port is None:
            writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
        else:
            upstream, to = await asyncio.open_connection("127.0.0.1", port)
            if method == "CONNECT":
                writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            else:
                path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
                to.write(f"{method} {path} HTTP/1.1\r\nConnection: close\r\n".encode() + rest)
            await asyncio.gather(_copy(reader, to), _copy(upstream, writer))
            to.close()
    writer.close()


async def _main(names: dict[str, int]) -> None:
    server = await asyncio.start_server(lambda reader, writer: _serve(reader, writer, names), "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main({name: int(port) for name, _, port in (each.partition("=") for each in sys.argv[1:])}))
