"""Rights: what each role sees and does, as a person reads it."""

ROLES = ("viewer", "agent", "manager", "admin", "publisher")

RIGHTS = {
    "See bots and the system's health": {"viewer", "agent", "manager", "admin"},
    "See contacts, conversations and money": {"agent", "manager", "admin"},
    "Publish events; acknowledge what needs you; label": {"agent", "manager", "admin", "publisher"},
    "See what was refused, with its payload": {"agent", "manager", "admin"},
    "See the event server's own figures; translate deliveries again": {"manager", "admin"},
    "Make and revoke tokens; remove an office; rebuild; read the audit log": {"admin"},
}
"""A publisher is a bot: it writes, and reads nothing."""


def rights() -> list[dict[str, str]]:
    """Return a row for each right, with a word under each role."""
    return [
        {"right": right, **{role: "yes" if role in roles else "–" for role in ROLES}} for right, roles in RIGHTS.items()
    ]
