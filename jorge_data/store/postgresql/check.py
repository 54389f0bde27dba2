"""A look at a database from outside, for the doctor."""

from contextlib import closing

import psycopg

_LOSING = """
SELECT name || ' = ' || setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit') AND setting = 'off'
"""
OLDEST = 14


def find_fault(url: str) -> str | None:
    """Return what is wrong with a database as a store, None where nothing is; never with its password."""
    try:
        with closing(psycopg.connect(url, connect_timeout=5, application_name="jorge-data doctor")) as connection:
            version = connection.info.server_version // 10_000
            losing = connection.execute(_LOSING).fetchall()
    except psycopg.Error as error:
        return f"PostgreSQL cannot be reached: {str(error).splitlines()[0]}"
    if version < OLDEST:
        return f"it is PostgreSQL {version}: {OLDEST} or newer is needed"
    if losing:
        return f"{losing[0][0]}: what it says is stored may be lost in a power cut"
    return None
