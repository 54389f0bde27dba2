"""How the first person comes in, of whom no admin can have let in: by a link that the start prints."""

import asyncio
import sys

from jorge_data.dashboard.login.paths import FIRST
from jorge_data.dashboard.login.session_client import SessionClient
from jorge_data.errors import RequestRefused, Unavailable
from jorge_data.settings import Settings

AGAIN_S = 5.0


async def invite_first(settings: Settings, address: str, client: SessionClient) -> None:
    """Print how the first admin comes in at this address, where there is no user yet.

    The link of an earlier start ends by that. It is printed wherever the output goes: it is good once, for a day, and
    nobody else could come in at all.
    """
    while True:
        try:
            invitation = await asyncio.to_thread(client.first_invitation)
            break
        except Unavailable:
            await asyncio.sleep(AGAIN_S)
        except RequestRefused as refused:
            need = "set JORGE_TOKEN to one of `python -m jorge_data token --role dashboard`"
            sys.stdout.write(f"  First admin      nobody can come in: {refused}; {need}\n\n")
            sys.stdout.flush()
            return
    if invitation is None:
        return
    if settings.login == "users":
        said = f"  First admin      {address}{FIRST}#{invitation}   (once, within a day)"
    else:
        command = "python -m jorge_data users add NAME --role admin --login other"
        said = f"  First admin      nobody can come in yet: {command}"
    sys.stdout.write(f"{said}\n\n")
    sys.stdout.flush()
