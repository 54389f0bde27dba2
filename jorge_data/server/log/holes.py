"""What cannot be read in an office's log, told in that very log: so that a person sees it, and can be done with it."""

import logging
from concurrent.futures import Future
from datetime import UTC, datetime
from typing import Any

from jorge_data.errors import StoreError
from jorge_data.events import Reception, admit
from jorge_data.metrics.entities.component import EVENT_STORE
from jorge_data.store import Hole, Store

logger = logging.getLogger(__name__)

SOURCE = "event-server"


def tell(store: Store, location: str, epoch: str, hole: Hole) -> None:
    """Publish once in a log's life that these positions cannot be read; where that fails, write a line of the log."""
    item = {
        "id": f"unreadable:{epoch}:{hole.first}-{hole.last}",
        "source": SOURCE,
        "type": "system_health_update",
        "locationid": location,
        "data": {
            "component": EVENT_STORE,
            "status": "degraded",
            "response_time_ms": 0,
            "error_message": f"{hole}. Restore the last backup, or report it",
        },
    }
    candidate = admit(item, Reception(datetime.now(UTC), location))
    try:
        store.append(location, [candidate]).add_done_callback(_told)
    except StoreError as error:
        logger.error("what cannot be read of %s could not be told there: %s", location, error)


def _told(appended: "Future[Any]") -> None:
    if error := appended.exception():
        logger.error("what cannot be read could not be told: %s", error)
