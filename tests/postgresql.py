"""A real PostgreSQL for tests: a server of this session on a socket of its own, and a new database a test."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any, Self

import psycopg

from jorge_data.store.postgresql.store import PostgreSQLStore
from tests.waiting import end, wait_for_start

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
"""Where Debian has it; what `initdb` makes has no place in the search path of everybody."""

OPTIONS = {"listen_addresses": "", "fsync": "off", "full_page_writes": "off", "max_connections": "100"}
"""A power cut is PostgreSQL's own to survive; what we lose by ours is lost with `fsync` on as well."""

TEMPLATE = "jorge_template"


class PostgreSQLServer:
    """A cluster in a folder of its own, which runs as its system user where the tests run as root."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="pg"))  # short: a socket's path may have 107 characters
        self._user = "postgres" if os.getuid() == 0 else None
        self._numbers = count()

    def __enter__(self) -> Self:
        if self._user:
            os.chown(self.folder, pwd.getpwnam(self._user).pw_uid, -1)
        arguments = ["-D", str(self.folder / "data"), "-U", "jorge", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
        subprocess.run([self._binary("initdb"), *arguments], check=True, capture_output=True, user=self._user, cwd="/")
        self.start()
        with closing(PostgreSQLStore(self._make_database(TEMPLATE, ""), self.folder)):
            pass
        return self

    def __exit__(self, *error: object) -> None:
        end(self.process, signal.SIGINT)  # ends what is connected as well
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Start the process; return when it answers."""
        options = [word for name, value in OPTIONS.items() for word in ("-c", f"{name}={value}")]
        options += ["-c", f"unix_socket_directories={self.folder}"]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self._binary("postgres"), "-D", str(self.folder / "data"), *options],
                stdout=log,
                stderr=log,
                user=self._user,
                cwd="/",
            )
        wait_for_start(self.process, self._answers, (self.folder / "log").read_text)

    def new_database(self) -> str:
        """Return the URL of a database that is a store with nothing in it."""
        return self._make_database(f"test_{next(self._numbers)}", f"TEMPLATE {TEMPLATE}")

    def blank_database(self) -> str:
        """Return the URL of a database without a table."""
        return self._make_database(f"test_{next(self._numbers)}", "")

    def connect(self, database: str = "postgres") -> psycopg.Connection[Any]:
        """Return a connection on which each statement is committed."""
        return psycopg.connect(host=str(self.folder), user="jorge", dbname=database, autocommit=True)

    def _make_database(self, name: str, like: str) -> str:
        with self.connect() as connection:
            connection.execute(f"CREATE DATABASE {name} {like}".encode())
        return f"postgresql://jorge@/{name}?host={self.folder}"

    def _answers(self) -> bool:
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    @staticmethod
    def _binary(name: str) -> str:
        return str(BINARIES[-1] / name)
