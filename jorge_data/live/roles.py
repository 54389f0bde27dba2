"""Who may see what: a viewer sees how bots and components are and no contact; everybody else sees everything."""

from typing import Any, cast

from jorge_data.metrics.view import Group, View

VIEWER_KINDS = frozenset({"bot_status_update", "system_health_update", "component_time"})
VIEWER_GROUPS: frozenset[Group] = frozenset({"bots", "health"})
VIEWER_FIGURES = frozenset({"as_of", "freshness_s", "position", "bots", "system", "connection"})
VIEWER_PAGES = frozenset({"command-center", "system"})


def may_see_kind(role: str, kind: str) -> bool:
    """Say whether this role may receive events of this kind."""
    return role != "viewer" or kind in VIEWER_KINDS


def may_see_page(role: str, page: str) -> bool:
    return role != "viewer" or page in VIEWER_PAGES


def may_act(role: str) -> bool:
    return role != "viewer"


def for_role(view: View, role: str) -> View:
    """Return the view without what this role may not receive: a viewer sees bots and health, and no contact."""
    if role != "viewer":
        return view
    return cast(
        View,
        {
            **view,
            "bar": {**view["bar"], "alerts": 0},
            "kpis": [tile for tile in view["kpis"] if tile["key"] == "system"],
            "needs": {"count": 0, "items": []},
            "board": {"count": 0, "rows": []},
            "bots": [{**card, "step": []} for card in view["bots"]],
            "feed": [{**line, "contact": None} for line in view["feed"] if line["group"] in VIEWER_GROUPS],
        },
    )


def figures_for_role(figures: dict[str, Any], role: str) -> dict[str, Any]:
    """Return the figures with null in place of what this role may not receive: for a viewer money and contacts."""
    if role != "viewer":
        return figures
    kept = {name: part if name in VIEWER_FIGURES else None for name, part in figures.items()}
    bots = {name: {**bot, "current_step": None} for name, bot in figures["bots"].items()}  # a step names a contact
    return {**kept, "bots": bots}
