"""The pages of the login: plain HTML of our own, in the look of the dashboard."""

from collections.abc import Sequence
from html import escape
from typing import Literal, NamedTuple

from starlette.responses import HTMLResponse

PRODUCT = "Jorge’s Command Center"

# The palette is that of .streamlit/config.toml; it follows the browser, for whose choice could it be before a login?
_STYLE = """
:root{color-scheme:light dark;--bg:light-dark(#faf9f6,#121311);--card:light-dark(#fff,#1a1b19);
--line:light-dark(#e8e5de,#2c2d2a);--edge:light-dark(#8d897f,#77746b);--text:light-dark(#1d1c1a,#eceae4);
--mute:light-dark(#6b675f,#a5a197);--accent:light-dark(#0d6b6b,#55b8b2);--on:light-dark(#fff,#121311);
--bad:light-dark(#b3261e,#f2695f);--ok:light-dark(#24794b,#5fc28d)}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-content:center;grid-template-columns:minmax(0,360px);
padding:24px 16px;background:var(--bg);color:var(--text);font:14px/1.5 Inter,'Source Sans 3',system-ui,sans-serif}
.product{font-size:15px;font-weight:650;letter-spacing:-.01em;margin:0 0 14px;text-align:center}
main{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:22px}
h1{font-size:20px;line-height:1.3;font-weight:650;letter-spacing:-.02em;margin:0 0 14px}
form{display:grid;gap:14px}label{display:grid;gap:4px;font-size:13px;color:var(--mute)}
input{font:inherit;font-size:16px;color:var(--text);background:var(--bg);border:1px solid var(--edge);
border-radius:6px;padding:8px 10px;width:100%;min-height:40px}
button,.go{font:inherit;font-weight:600;color:var(--on);background:var(--accent);border:0;border-radius:6px;
min-height:40px;padding:9px 14px;width:100%;cursor:pointer;display:block;text-align:center;text-decoration:none}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
p{margin:0 0 12px}p:last-child{margin:0}form+p:last-child{margin:14px 0 0}
small,.mute{color:var(--mute);font-size:12.5px}
.bad,.good{border-left:3px solid var(--bad);padding:2px 0 2px 10px;margin:0 0 14px;overflow-wrap:anywhere}
.good{border-color:var(--ok)}
"""


class Input(NamedTuple):
    """One field of a form."""

    name: str
    label: str
    autocomplete: str
    kind: Literal["text", "password", "hidden"] = "password"
    value: str = ""
    hint: str = ""


def page(
    title: str,
    *,
    inputs: Sequence[Input] = (),
    button: str = "",
    text: Sequence[str] = (),
    note: str = "",
    bad: str = "",
    good: str = "",
    link: tuple[str, str] | None = None,
    status: int = 200,
    retry_s: int | None = None,
    refresh_s: int | None = None,
    script: str = "",
) -> HTMLResponse:
    """Return a page with a title: what went wrong or well, text, a form that is posted to the page's own address.

    `script` is the address of one; `refresh_s`: it is loaded again after so long.
    """
    parts = [f'<p class="bad" role="alert">{escape(bad)}</p>'] if bad else []
    parts += [f'<p class="good" role="status">{escape(good)}</p>'] if good else []
    parts += [f"<p>{escape(each)}</p>" for each in text]
    if inputs:
        shown = [each for each in inputs if each.kind != "hidden"]
        first = next((each for each in shown if not each.value), shown[-1])
        fields = "".join(_field(each, is_first=each is first) for each in inputs)
        parts.append(f'<form method="post">{fields}<button>{escape(button)}</button></form>')
    if link:
        parts.append(f'<p><a class="go" href="{escape(link[1])}">{escape(link[0])}</a></p>')
    parts += [f'<p class="mute">{escape(note)}</p>'] if note else []
    loaded = f'<script src="{escape(script)}"></script>' if script else ""
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">'
        f'<title>{escape(title)} · {PRODUCT}</title><link rel="icon" href="data:,"><style>{_STYLE}</style></head><body>'
        f'<p class="product">{PRODUCT}</p><main><h1>{escape(title)}</h1>{"".join(parts)}</main>{loaded}</body></html>'
    )
    headers = {"Cache-Control": "no-store"} | ({"Retry-After": str(retry_s)} if retry_s else {})
    headers |= {"Refresh": str(refresh_s)} if refresh_s else {}
    return HTMLResponse(html, status, headers)


def _field(each: Input, is_first: bool) -> str:
    if each.kind == "hidden":
        return f'<input type="hidden" name="{each.name}" value="{escape(each.value)}">'
    spelled = ' autocapitalize="none" spellcheck="false"' if each.kind == "text" else ""
    focus = " autofocus" if is_first else ""
    hint = f"<small>{escape(each.hint)}</small>" if each.hint else ""
    return (
        f'<label>{escape(each.label)}<input type="{each.kind}" name="{each.name}" value="{escape(each.value)}" required'
        f' maxlength="256" autocomplete="{each.autocomplete}"{spelled}{focus}>{hint}</label>'
    )
