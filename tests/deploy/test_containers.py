"""Containers: what is in `deploy/` for them is well formed, asks for little, has no secret, and starts what is here."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from jorge_data import __version__
from jorge_data.settings import read_settings
from tests.dashboard_process import ROOT

DEPLOY = ROOT / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
MANIFESTS: list[dict[str, Any]] = list(yaml.safe_load_all((DEPLOY / "kubernetes" / "jorge.yaml").read_text()))
TARGETS = ("server", "dashboard")
KUBERNETES = "1.31"
"""The oldest release whose schema the manifests are held against."""


def run(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    given = {"PATH": os.environ["PATH"], **environment}
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=given, timeout=60)


def program(name: str) -> Path:
    return Path(sys.executable).with_name(name)


def stages() -> dict[str, str]:
    """Return the instructions of each stage of the Dockerfile by its name."""
    parts = re.split(r"^FROM \S+ AS (\S+)$", DOCKERFILE, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def given_settings(values: dict[str, str]) -> dict[str, str]:
    return {name.removeprefix("JORGE_").lower(): each for name, each in values.items() if name.startswith("JORGE_")}


def environment(stage: str) -> dict[str, str]:
    words = " ".join(re.findall(r"^ENV (.*)$", stages()[stage], re.MULTILINE)).split()
    return dict(word.split("=", 1) for word in words)


def test_hadolint_has_nothing_to_say_of_the_dockerfile() -> None:
    checked = run(program("hadolint"), DEPLOY / "Dockerfile")
    assert (checked.returncode, checked.stdout) == (0, "")


def test_the_image_takes_along_what_there_is_and_nothing_that_is_not_named() -> None:
    taken = re.findall(r"^COPY (?!--from)(\S+) ", DOCKERFILE, re.MULTILINE)
    assert {name for name in taken if not (ROOT / name).exists()} == set()
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    assert ignored[0] == "*"
    assert {line.removeprefix("!") for line in ignored if line.startswith("!")} == set(taken)
    assert "--require-hashes -r requirements.txt" in DOCKERFILE


@pytest.mark.parametrize("target", TARGETS)
def test_an_image_starts_what_stands_here_as_nobody_who_may_much(target: str) -> None:
    stage = stages()[target]
    [command] = re.findall(r"^CMD (\[.*\])$", stage, re.MULTILINE)
    arguments = json.loads(command)
    assert arguments[:2] == ["python", "-m"]
    started = run(sys.executable, *arguments[1:], "--help")
    assert started.returncode == 0, started.stderr
    given = read_settings(_env_file=None, **given_settings(environment(target)))
    [checked] = re.findall(r"^    CMD (\[.*\])$", stage, re.MULTILINE)
    port = given.port if target == "server" else int(environment(target)["STREAMLIT_SERVER_PORT"])
    assert f"http://127.0.0.1:{port}/health'" in checked
    assert f"EXPOSE {port}\n" in stage
    assert re.findall(r"^USER (\d+):\1$", stages()["runtime"], re.MULTILINE) == ["10001"]


def test_the_compose_file_is_one_and_no_word_of_it_is_misspelt(tmp_path: Path) -> None:
    for text, code in (
        ((DEPLOY / "compose.yaml").read_text(), 0),
        (
            (DEPLOY / "compose.yaml").read_text().replace("read_only:", "readonly:"),
            1,
        ),
    ):
        (tmp_path / "compose.yaml").write_text(text)
        checked = run(program("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", tmp_path / "compose.yaml")
        assert checked.returncode == code, checked.stdout


def test_what_runs_by_compose_may_do_little() -> None:
    assert set(COMPOSE["services"]) == {*TARGETS, "nginx"}
    for service in COMPOSE["services"].values():
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
        assert service["security_opt"] == ["no-new-privileges:true"]
    assert [name for name, service in COMPOSE["services"].items() if "ports" in service] == ["nginx"]


def test_settings_in_the_compose_file_are_ours_and_its_addresses_those_of_its_services() -> None:
    services = COMPOSE["services"]
    address = {name: service["networks"]["inside"]["ipv4_address"] for name, service in services.items()}
    for target in TARGETS:
        asked = services[target]["environment"]
        values = {
            name: re.sub(r"\$\{(\w+)(?::[-?]([^}]*))?\}", lambda found: "users" if found[2] == "users" else "x", value)
            for name, value in asked.items()
        }
        given = read_settings(_env_file=None, **given_settings(environment(target) | values))
        assert [str(each) for each in given.trusted_networks] == [f"{address['nginx']}/32"]
        assert services[target]["build"]["target"] == target
    assert services["dashboard"]["environment"]["JORGE_SOCKET_URL"] == f"ws://{address['server']}:8001"


def test_nginx_in_a_container_has_the_recipe_with_the_addresses_there(tmp_path: Path) -> None:
    services = COMPOSE["services"]
    script = services["nginx"]["command"][-1].replace("$$", "$").partition(" && exec ")[0]
    here = script.replace("/recipe", str(DEPLOY)).replace("/etc/nginx/conf.d", str(tmp_path))
    done = run("sh", "-c", here, PUBLIC_NAME="wall.example.org")
    assert done.returncode == 0, done.stderr
    written = (tmp_path / "default.conf").read_text()
    for name, port in (("server", 8001), ("dashboard", 3000)):
        assert f"server {services[name]['networks']['inside']['ipv4_address']}:{port};" in written
    assert "127.0.0.1" not in written
    assert "server_name wall.example.org;" in written
    assert "office.example.com" not in "".join(line for line in written.splitlines() if not line.startswith("#"))


def test_no_file_holds_a_secret() -> None:
    assert "Secret" not in {each["kind"] for each in MANIFESTS}
    for path in (*DEPLOY.glob("*.yaml"), *DEPLOY.glob("*/*.yaml"), DEPLOY / "Dockerfile"):
        for value in re.findall(r"(?:SECRET|TOKEN|PASSWORD)\w*[=:]\s*(\S+)", path.read_text()):
            assert value.startswith(("${", "<", "$(")), (path.name, value)


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda each: f"{each['kind']}-{each['metadata']['name']}")
def test_a_manifest_is_one_of_kubernetes_in_every_word(manifest: dict[str, Any]) -> None:
    kubernetes_validate.validate(manifest, KUBERNETES, strict=True)


def pods() -> Iterator[tuple[str, dict[str, Any]]]:
    for each in MANIFESTS:
        if each["kind"] in ("StatefulSet", "Deployment"):
            yield each["metadata"]["name"], each["spec"]["template"]["spec"]


@pytest.mark.parametrize(("name", "pod"), list(pods()), ids=lambda each: each if isinstance(each, str) else "")
def test_a_pod_may_do_little_is_looked_at_and_has_its_budget(name: str, pod: dict[str, Any]) -> None:
    [container] = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert (pod["automountServiceAccountToken"], pod["enableServiceLinks"]) == (False, False)
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {probe for probe in container if probe.endswith("Probe")} == {
        *("startupProbe", "readinessProbe", "livenessProbe")
    }
    assert {"requests", "limits"} <= container["resources"].keys()
    budgets = {each["metadata"]["name"]: each for each in MANIFESTS if each["kind"] == "PodDisruptionBudget"}
    assert budgets[name]["spec"]["selector"]["matchLabels"] == {"app": name}
    assert container["image"].rpartition(":")[2] == __version__
    assert str(pod["securityContext"]["runAsUser"]) in stages()["runtime"]
    [target] = [each for each in TARGETS if name.endswith(each)]
    [config] = [each for each in MANIFESTS if each["kind"] == "ConfigMap"]
    named = {each["name"]: each["value"] for each in container.get("env", ())}
    read_settings(_env_file=None, **given_settings(environment(target) | config["data"] | named))


def test_each_of_one_process_is_one() -> None:
    """The store is one file, and a page's socket comes back to the process that drew it."""
    assert [each["spec"]["replicas"] for each in MANIFESTS if "replicas" in each.get("spec", {})] == [1, 1]
