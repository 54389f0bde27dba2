"""The least that any page could do: no figures, no chart, nothing kept; one line of text, written as it comes.

What this takes with ten tabs is the browser's and the machine's own share of everybody's latency.
"""
import asyncio
import os

import uvicorn
from feed import Feed
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route, WebSocketRoute

PAGE = """<!doctype html><title>floor</title><p>KPI 1</p><p id=line>waiting</p><script>
const socket = new WebSocket(location.href.replace("http", "ws") + "live");
socket.onmessage = ({ data }) => { document.getElementById("line").textContent = data; };
</script>"""
feed = Feed()

async def page(request):
    return HTMLResponse(PAGE)

async def live(socket):
    await socket.accept()
    loop, changed = asyncio.get_running_loop(), asyncio.Event()
    wake = lambda: loop.call_soon_threadsafe(changed.set)  # noqa: E731
    feed.listeners.append(wake)
    seen, *_ = feed.snapshot()
    try:
        while await changed.wait():
            changed.clear()
            after, (seen, *_, rows) = seen, feed.snapshot()
            await socket.send_text(" ".join(text for version, text in rows if version > after))
    finally:
        feed.listeners.remove(wake)

app = Starlette(routes=[Route("/", page), WebSocketRoute("/live", live)])
uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
