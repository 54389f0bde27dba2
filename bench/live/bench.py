"""From 'a bot publishes an event' to 'it is in the browser's DOM', for live dashboard frameworks. See README.md."""
import argparse
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.parse
from pathlib import Path

import psutil
from playwright.sync_api import Error, sync_playwright

HERE = Path(__file__).parent
FLAGS = ("--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
         "--disable-component-update --disable-sync").split()
STREAMLIT = ["-m", "streamlit", "run", "--server.headless=true", "--browser.gatherUsageStats=false",
             "--server.fileWatcherType=none", "--server.address=127.0.0.1", "--server.port={port}"]
SYSTEMS = {"streamlit-autorefresh": [*STREAMLIT, "apps/streamlit_naive.py"], "dash": ["apps/dash_ws.py"],
           "streamlit-fragment": [*STREAMLIT, "apps/streamlit_fragment.py"], "nicegui": ["apps/nicegui_push.py"],
           "panel": ["apps/panel_push.py"], "floor": ["apps/floor.py"]}
OURS = json.dumps({"type": "bot_status_update", "source": "jorge-seller", "data": {
    "bot_type": "jorge-seller", "status": "processing", "processing_time_ms": 42, "current_step": "marker-{n}"}})
a = argparse.ArgumentParser(description=__doc__)
a.add_argument("systems", nargs="*", help=f"of {', '.join(SYSTEMS)}; all without a name")
a.add_argument("--tabs", type=int, nargs="*", default=[1, 10])
a.add_argument("--burst", type=int, default=200, help="events a second of the burst, which lasts 3 s")
a.add_argument("--steady", type=int, default=100, help="events at 5 a second before it")
a.add_argument("--pid", type=int, nargs="*", default=[], help="with --url: the server's processes, for CPU and RSS")
for option, default, about in (
        ("runs", 2, "of each"), ("out", "results.jsonl", "appended to"), ("drain", 8.0, "seconds to wait for the last event"),
        ("tile", "KPI 1", "JavaScript regular expression: the text of the first tile"), ("tile-css", "", "or its CSS selector"),
        ("press", "", "CSS selector of what is clicked once: the filter that leaves no event out"),
        ("figure-css", "", "CSS selector of what shows, in its first dd, how many events there were: figures may follow"),
        ("marker", r"marker-(\d+)", "JavaScript regular expression of an event in the page"),
        ("url", "", "measure the running product at this URL instead"), ("token", os.environ.get("TOKEN", ""), "to publish"),
        ("publish", "http://127.0.0.1:8001/events", "where to POST"), ("body", OURS, "what; {n} is the number")):
    a.add_argument(f"--{option}", type=type(default), default=default, help=about)
args = a.parse_args()
number = int((time.time() - 1.7e9) * 100)  # --url: a later run's numbers are higher, so that an old marker is never newer

def start(command, **env):
    with socket.create_server(("127.0.0.1", 0)) as s:
        port = s.getsockname()[1]
    env = {**os.environ, "PORT": str(port), "PYTHONPATH": str(HERE / "apps"), **env}
    process = subprocess.Popen([sys.executable, *(c.format(port=port) for c in command)], cwd=HERE, env=env,
                               stdout=open(os.environ.get("LOG", os.devnull), "a"), stderr=subprocess.STDOUT)
    while process.poll() is None and socket.socket().connect_ex(("127.0.0.1", port)):
        time.sleep(0.1)
    return process, port

def tree(pids):
    return [q for p in map(psutil.Process, pids) for q in (p, *p.children(recursive=True))]

def publish(url, count, rate):
    """The events sent, as (number, ms since 1970 just before the request)."""
    global number
    at, sent, due = urllib.parse.urlsplit(url), [], time.monotonic()
    connection = http.client.HTTPConnection(at.netloc)
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {args.token}"} if args.token else {})}
    for _ in range(count):
        time.sleep(max(0, due - time.monotonic()))
        due, number, now = due + 1 / rate, number + 1, time.time() * 1000
        event = {"seq": number, "t": now, "kind": ["trade", "signal"][number % 2], "value": 100 + number * 7 % 31 / 3}
        body = args.body.replace("{n}", str(number)) if args.url else json.dumps(event)
        connection.request("POST", at.path, body, headers)
        with connection.getresponse() as answer:
            if answer.read() is None or answer.status >= 300:
                sys.exit(f"publish: HTTP {answer.status}")
        sent.append((number, now))
    return sent

def ask(page, what):  # evaluate has no time limit, and a page far behind does not answer for minutes
    try:
        return page.wait_for_function(f"({{value: {what}}})", timeout=20000).json_value()["value"]
    except Error:
        return None

def measure(pages, url, pids, count, rate):
    """Latency: until this event or a newer one is in the DOM, over all tabs. never: events that never were, per tab."""
    def cpu():
        return sum(sum(p.cpu_times()[:2]) for p in tree(pids))
    base = [counted(p) for p in pages] if args.figure_css else []
    used, began, _ = cpu(), time.monotonic(), psutil.cpu_percent()
    sent = publish(url, count, rate)
    share, host = 100 * (cpu() - used) / (time.monotonic() - began), psutil.cpu_percent()
    limit, delays, never = time.monotonic() + args.drain, [], 0
    def all_shown():
        return all(ask(p, f"'{number}' in __live.seen") for p in pages) and all(
            counted(p) >= first + count for p, first in zip(pages, base))
    while time.monotonic() < limit and not all_shown():
        time.sleep(0.2)
    for page in pages:
        seen, first = ask(page, "__live.seen") or {}, float("inf")
        for n, t in reversed(sent):
            first = min(first, seen.get(str(n), first))
            delays.append(first - t)
            never += str(n) not in seen
    return [*quantiles(delays, 0.5, 0.95, 1), never / len(pages), share, host, *figures(pages, base, sent)]

def counted(page):
    return (ask(page, "(__live.count(), __live.figures.at(-1) ?? null)") or [0])[0]

def quantiles(delays, *qs):
    delays = sorted(delays)
    return [delays[min(len(delays) - 1, int(q * len(delays)))] if delays else float("nan") for q in qs]

def figures(pages, base, sent):
    """p50 and p95 until a figure that counts the event is in the DOM; not a number where none is watched."""
    delays = []
    for page, first in zip(pages, base):
        seen = ask(page, "__live.figures") or []
        for i, (_, t) in enumerate(sent, 1):
            delays.append(next((at for number, at in seen if number >= first + i), float("inf")) - t)
    return quantiles(delays, 0.5, 0.95)

def run(chromium, name, tabs, source):
    global number
    url, events, pids, process = args.url, args.publish, args.pid, None
    if not args.url:
        number, events = 0, f"http://127.0.0.1:{source}/events"
        process, port = start(SYSTEMS[name], SOURCE_WS=f"ws://127.0.0.1:{source}/ws")
        url, pids = f"http://127.0.0.1:{port}/", [process.pid]
    try:
        browser = chromium.launch(executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=FLAGS)
        pages, names = [], {"MARKER": args.marker, "TILE": args.tile, "TILE_CSS": args.tile_css, "FIGURE_CSS": args.figure_css}
        script = "".join(f"const {k} = {json.dumps(v)};" for k, v in names.items()) + (HERE / "observer.js").read_text()
        for i in range(tabs + 1):  # each in its own context: its own cache, cookies and connection
            pages.append(browser.new_context(viewport={"width": 1280, "height": 1100}).new_page())
            pages[-1].add_init_script("{" + script + "}")
            pages[-1].goto(url)
            pages[-1].wait_for_function("__live.tile", timeout=60000)
            if args.press and i:
                pages[-1].locator(args.press).click()
            if not i:  # the server's first page warms it up and is not measured
                pages.pop().context.close()
        time.sleep(4)
        measure(pages, events, pids, 4, 2)
        load = statistics.median(ask(p, "__live.tile") for p in pages)
        steady = measure(pages, events, pids, args.steady, 5)
        time.sleep(0.5)
        charts = sum(ask(p, "__live.chart()") == number for p in pages)
        burst = measure(pages, events, pids, 3 * args.burst, args.burst)
        rss = sum(p.memory_info().rss for p in tree(pids)) / 2**20
        browser.close()
        return {"system": name, "tabs": tabs, "values": [load, *steady, *burst, rss, charts]}
    finally:
        for p in reversed(tree([process.pid]) if process else []):
            p.kill()

source, source_port = start(["source.py"])
try:
    with sync_playwright() as p:
        for name in ["ours"] if args.url else args.systems or SYSTEMS:
            for tabs in [t for t in args.tabs for _ in range(args.runs)]:
                print(line := json.dumps(run(p.chromium, name, tabs, source_port)), flush=True)
                print(line, file=open(args.out, "a"))
finally:
    source.kill()
groups, part = {}, "p50 / p95 / max ms | never | CPU % | host % | figures p50 / p95 ms"
for r in map(json.loads, open(args.out)):
    groups.setdefault((r["tabs"], r["system"]), []).append(r["values"])
print(f"| tabs | system | load ms | 5/s: {part} | burst: {part} | RSS MiB | charts current |\n|" + "---|" * 15)
for (tabs, name), runs in sorted(groups.items(), key=lambda g: g[0][0]):
    c = [f"{statistics.median(values):.0f}".replace("nan", "–") for values in zip(*runs)]
    for first in (15, 9, 7, 1):  # from behind: figures and delays of the burst, then of the steady rate
        size = 2 if first in (15, 7) else 3
        c[first:first + size] = [" / ".join(c[first:first + size])]
    print("| " + " | ".join([str(tabs), name, *c]) + " |")
