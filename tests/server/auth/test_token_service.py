"""That a secret was replaced is one entry of the audit log, whatever happens to the file that notes it."""

from contextlib import closing
from pathlib import Path

import pytest

from jorge_data.server.auth.revocations import Revocations
from jorge_data.server.auth.signing_secrets import NotedKeys
from jorge_data.server.auth.token_service import TokenService
from jorge_data.server.auth.tokens import Tokens
from jorge_data.store import SQLiteStore


@pytest.mark.anyio
async def test_a_key_that_could_not_be_noted_is_told_once(tmp_path: Path) -> None:
    noted, folder = tmp_path / "keys", tmp_path / "gone"
    with closing(SQLiteStore(tmp_path / "events.db")) as store:

        def service(path: Path) -> TokenService:
            return TokenService(Tokens("a secret"), store.credentials, store.audit, Revocations(), NotedKeys(path))

        NotedKeys(noted).write(["old"])
        await service(noted)._record_keys(["new", "old"])
        NotedKeys(noted).write(["old"])  # as where the disk was full a moment after the entry
        await service(noted)._record_keys(["new", "old"])
        with pytest.raises(FileNotFoundError):
            await service(folder / "keys")._record_keys(["new", "old"])
        entries = store.audit.after(0, 9)
        assert [(each.act.act, each.act.before, each.act.after) for each in entries] == [
            ("key.rotate", {"keys": ["old"]}, {"keys": ["new", "old"]})
        ]
        NotedKeys(noted).write(["newer", "new"])
        await service(noted)._record_keys(["old"])
        NotedKeys(noted).write(["old"])
        await service(noted)._record_keys(["new", "old"])  # again what it was once, but not last
        assert [each.act.after for each in store.audit.after(0, 9)][1:] == [{"keys": ["old"]}, {"keys": ["new", "old"]}]
