"""The addresses of the login, beneath the public path."""

from jorge_data.permissions import PAGES

LOGIN = "/login"
PASSWORD = f"{LOGIN}/password"
OIDC = f"{LOGIN}/oidc"
CALLBACK = f"{OIDC}/callback"
LOGOUT = f"{OIDC}/logout"
"""The way to the provider's own log-out, for whose session no way out of its own is known."""

INVITATION = f"{LOGIN}/invitation"
FIRST = f"{LOGIN}/first"
"""Where a password is chosen by a link: of an invitation, and by the first admin, who chooses his name as well. What
the link holds stands behind a `#`: no browser sends that to anybody, so it is in no log of a proxy."""

SCRIPT = f"{LOGIN}/link.js"

LOGIN_PAGES = frozenset({LOGIN, PASSWORD, OIDC, CALLBACK, LOGOUT, INVITATION, FIRST, SCRIPT})
"""What everybody may ask for."""

_PAGES = frozenset({"/", PASSWORD, *(f"/{page}" for page in PAGES)})
_LONGEST = 4096


def own_page(text: str | None) -> str:
    """Return the page to go on to, with its query, as a link said it; the first one where it names none of ours."""
    path, mark, query = (text or "").partition("?")
    is_own = path in _PAGES and len(query) <= _LONGEST and query.isascii() and query.isprintable()
    return path + (mark + query if query else "") if is_own else "/"
