"""What of the live wall a role sees, as the table of permissions says."""

from typing import cast

from jorge_data.metrics.wall.current_view import NO_NEEDS
from jorge_data.metrics.wall.event_sentences import without_contact
from jorge_data.metrics.wall.view import WallView
from jorge_data.permissions import FEED, TILES, Caller, Right, may


def for_role(view: WallView, role: Caller) -> WallView:
    """Return the view without what this role may not see: a viewer sees bots and components, and no contact."""
    if may(role, Right.SEE_CONTACTS):
        return view
    return cast(
        WallView,
        {
            **view,
            "bar": {**view["bar"], "alerts": 0},
            "kpis": [tile for tile in view["kpis"] if role in TILES.get(tile["key"], ())],
            "needs": NO_NEEDS,
            "board": {"count": 0, "rows": []},
            "bots": [{**card, "step": [], "error": ""} for card in view["bots"]],
            "feed": [without_contact(line) for line in view["feed"] if role in FEED.get(line["group"], ())],
        },
    )
