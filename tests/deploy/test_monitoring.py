"""What watches the event server from outside: Prometheus' rules and Grafana's dashboard, checked by promtool."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from jorge_data.dashboard.push.telemetry import DashboardTelemetry
from jorge_data.server.readiness import Readiness
from jorge_data.server.telemetry import Telemetry
from tests.dashboard_process import ROOT

PROMETHEUS = ROOT / "deploy" / "prometheus"
RULES = ("recording.yaml", "alerts.yaml")
GRAFANA = ROOT / "deploy" / "grafana" / "event-server.json"
OF_PROMETHEUS = {"up"}
"""What Prometheus itself says of whom it reads."""

FUNCTIONS_AND_LABELS = re.compile(
    r"\{[^}]*\}|\b(?:by|without)\s*\([^)]*\)|\[[^\]]*\]|\b[a-z_]+\s*\(|\b(?:and|or|unless)\b|\boffset\s+\w+"
)


def promtool(*arguments: str, folder: Path) -> str:
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed: rules and queries were not checked")
    ended = subprocess.run(["promtool", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def exported() -> set[str]:
    """Return every name under which a `/metrics` of ours has a sample, or will have one."""
    telemetry = Telemetry()
    telemetry.add_parts(Readiness())
    endings = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",)}
    registries = (telemetry.registry, DashboardTelemetry().registry)
    return {metric.name + end for each in registries for metric in each.collect() for end in endings[metric.type]}


def rules(name: str) -> list[dict[str, Any]]:
    groups = yaml.safe_load((PROMETHEUS / name).read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def names_in(query: str) -> set[str]:
    """Return the metrics that a query asks for."""
    asked, before = query, ""
    while asked != before:  # a function's argument may be another one
        asked, before = FUNCTIONS_AND_LABELS.sub(" ", asked), asked
    return set(re.findall(r"[A-Za-z_:][\w:]*", asked))


def panels() -> Iterator[tuple[str, str]]:
    """Yield the title of each panel with each of its queries."""
    for panel in json.loads(GRAFANA.read_text())["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"]


def test_the_names_in_a_query_are_found() -> None:
    query = 'histogram_quantile(0.5, sum by (le) (rate(a_bucket{x=~"$y"}[5m]))) > 2 and sum(b_total offset 1d) / up'
    assert names_in(query) == {"a_bucket", "b_total", "up"}


def test_every_rule_is_one_of_prometheus_and_each_alarm_rings_when_it_should(tmp_path: Path) -> None:
    for name in (*RULES, "prometheus.yaml"):
        shutil.copy(PROMETHEUS / name, tmp_path)
    cases = (ROOT / "tests" / "deploy" / "alerts_test.yaml").read_text()
    (tmp_path / "cases.yaml").write_text(cases.replace("RULES", ", ".join(RULES)))
    promtool("check", "config", "--syntax-only", "prometheus.yaml", folder=tmp_path)
    promtool("check", "rules", *RULES, folder=tmp_path)
    promtool("test", "rules", "cases.yaml", folder=tmp_path)


def test_every_alarm_is_tried_says_what_to_do_and_how_urgent_it_is() -> None:
    tried = (ROOT / "tests" / "deploy" / "alerts_test.yaml").read_text()
    for alarm in rules("alerts.yaml"):
        assert f"alertname: {alarm['alert']}\n" in tried
        assert alarm["labels"]["severity"] in ("page", "ticket")
        assert set(alarm["annotations"]) == {"summary", "description"}


def test_rules_and_panels_ask_for_what_is_exported_alone() -> None:
    known = exported() | OF_PROMETHEUS | {rule["record"] for rule in rules("recording.yaml")}
    asked = [(rule.get("alert", rule.get("record")), rule["expr"]) for name in RULES for rule in rules(name)]
    assert {title: names_in(query) - known for title, query in [*asked, *panels()] if names_in(query) - known} == {}


def test_every_query_of_grafanas_dashboard_is_one_of_prometheus(tmp_path: Path) -> None:
    queries = [query.replace("$__rate_interval", "5m") for _, query in panels()]
    assert len(queries) > 20
    written = [{"record": "asked", "expr": query, "labels": {"n": str(n)}} for n, query in enumerate(queries)]
    (tmp_path / "queries.yaml").write_bytes(orjson.dumps({"groups": [{"name": "panels", "rules": written}]}))
    promtool("check", "rules", "queries.yaml", folder=tmp_path)


def test_panels_have_a_place_of_their_own() -> None:
    taken: set[tuple[int, int]] = set()
    panels = json.loads(GRAFANA.read_text())["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken
        assert at["x"] + at["w"] <= 24
        taken |= cells
