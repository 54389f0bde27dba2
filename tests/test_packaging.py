"""What is installed: each package is named once, the locks hold everywhere, and each extra brings what it promises."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
import venv
from email.parser import BytesParser
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from typer.main import get_command

from jorge_data import __version__
from jorge_data.__main__ import COMMANDS, main
from jorge_data.cli.app import app
from tests.served import Served

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
DYNAMIC = PROJECT["tool"]["setuptools"]["dynamic"]
FILES = {path.relative_to(ROOT).as_posix(): path for path in sorted((ROOT / "requirements").glob("*.in"))}
LOCKS = [ROOT / "requirements.txt", ROOT / "requirements-dev.txt"]


def included(path: Path) -> list[str]:
    """Return the files that a file of requirements takes in."""
    return re.findall(r"^-r (\S+)", path.read_text(), re.MULTILINE)


def named(path: Path) -> list[Requirement]:
    """Return the packages that a file of requirements names itself."""
    lines = [line.partition(" #")[0].strip() for line in path.read_text().splitlines()]
    return [Requirement(line) for line in lines if line and not line.startswith(("#", "-"))]


def locked(path: Path) -> dict[str, Requirement]:
    """Return each package of a lock with its version and its marker."""
    requirements = [
        Requirement(line.removesuffix(" \\")) for line in re.findall(r"^[A-Za-z].*", path.read_text(), re.MULTILINE)
    ]
    return {canonical(requirement.name): requirement for requirement in requirements}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def brought(extra: str) -> list[Requirement]:
    """Return the packages that an extra names, with those of a bare install."""
    files = [*DYNAMIC["dependencies"]["file"], *DYNAMIC["optional-dependencies"][extra]["file"]]
    return [requirement for file in files for requirement in named(ROOT / file)]


def test_a_package_is_named_in_one_place() -> None:
    places = [*FILES.values(), ROOT / "requirements.in", ROOT / "requirements-dev.in"]
    names = [canonical(requirement.name) for path in places for requirement in named(path)]
    assert len(names) == len(set(names)) > 30
    assert {"dependencies", "optional-dependencies", "version"} == set(PROJECT["project"]["dynamic"])
    assert not {"dependencies", "optional-dependencies"} & PROJECT["project"].keys()


def test_every_file_of_requirements_is_in_an_extra_and_in_the_lock_that_is_checked() -> None:
    extras = {file for extra in DYNAMIC["optional-dependencies"].values() for file in extra["file"]}
    assert {*DYNAMIC["dependencies"]["file"], *extras} == FILES.keys()
    runs, checks = included(ROOT / "requirements.in"), included(ROOT / "requirements-dev.in")
    whole = [*DYNAMIC["dependencies"]["file"], *DYNAMIC["optional-dependencies"]["dashboard"]["file"]]
    assert runs == whole
    assert {*runs, *checks} - {"requirements.in"} == FILES.keys()


def test_an_extra_holds_those_that_it_builds_on() -> None:
    bots, server, dashboard = (set(map(str, brought(extra))) for extra in ("bots", "server", "dashboard"))
    assert bots < server < dashboard
    assert bots < set(map(str, brought("langgraph")))
    assert len(bots) == 5


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_satisfies_what_it_was_made_of(lock: Path) -> None:
    pins = locked(lock)
    wanted = [*brought("dashboard"), *(brought("langgraph") if lock.stem.endswith("dev") else [])]
    assert [str(one) for one in wanted if not pinned(pins[canonical(one.name)], one)] == []


def pinned(pin: Requirement, wanted: Requirement) -> bool:
    (version,) = pin.specifier
    return version.operator == "==" and wanted.specifier.contains(version.version)


def test_what_is_checked_is_what_runs() -> None:
    runs, checks = (locked(lock) for lock in LOCKS)
    assert {name: str(pin.specifier) for name, pin in runs.items()} == {
        name: str(checks[name].specifier) for name in runs
    }


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_has_a_hash_for_every_package_and_names_no_index(lock: Path) -> None:
    blocks = re.split(r"^(?=[A-Za-z])", lock.read_text(), flags=re.MULTILINE)[1:]
    assert [block.partition(" ")[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert re.findall(r"--(?:extra-)?index-url|--find-links|--trusted-host|://", lock.read_text()) == []


@pytest.mark.parametrize(
    ("package", "here", "there"),
    [
        ("async-timeout", {"python_full_version": "3.11.2"}, {"python_full_version": "3.14.0"}),
        ("uvloop", {"sys_platform": "darwin"}, {"sys_platform": "win32"}),
        ("colorama", {"sys_platform": "win32"}, {"sys_platform": "linux"}),
    ],
)
def test_what_one_system_needs_is_locked_for_that_system(
    package: str, here: dict[str, str], there: dict[str, str]
) -> None:
    for lock in LOCKS:
        marker = locked(lock)[package].marker
        assert marker is not None
        assert (marker.evaluate(here), marker.evaluate(there)) == (True, False)


def test_the_changelog_begins_with_the_version_of_the_package() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text()
    releases = re.findall(r"^## (\S+) — (?:unreleased|\d{4}-\d\d-\d\d)$", changelog, re.MULTILINE)
    assert releases[0] == __version__
    assert DYNAMIC["version"] == {"attr": "jorge_data.__version__"}


def test_the_help_without_the_command_line_names_every_command() -> None:
    commands = getattr(get_command(app), "commands", {})
    assert sorted(COMMANDS.split(", ")) == sorted(commands)


@pytest.fixture
def _without_typer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "jorge_data.cli.app")
    monkeypatch.setitem(sys.modules, "typer", None)


@pytest.mark.usefixtures("_without_typer")
@pytest.mark.parametrize("arguments", [[], ["--help"], ["serve", "--help"]], ids=" ".join)
def test_the_help_needs_no_command_line(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["/usr/bin/jorge", *arguments])
    main()
    shown, refused = capsys.readouterr()
    assert (shown.splitlines()[0], refused) == ("Usage: jorge [OPTIONS] COMMAND [ARGS]...", "")


@pytest.mark.usefixtures("_without_typer")
def test_a_command_that_is_not_installed_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["/usr/lib/jorge_data/__main__.py", "serve"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    needs = "the commands of python -m jorge_data need jorge-data[server], as in `pip install 'jorge-data[server]'`"
    assert capsys.readouterr() == ("", f"typer is not installed: {needs}\n")


def test_a_module_of_ours_that_is_missing_is_no_question_of_extras(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jorge_data.cli.app", None)
    with pytest.raises(ModuleNotFoundError, match=r"jorge_data\.cli\.app"):
        main()


def pip(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run our own pip: it also installs into environments that have none."""
    command = [sys.executable, "-m", "pip", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


class Installation:
    """An environment of its own, into which the wheel was installed with an extra, at the locked versions."""

    def __init__(self, folder: Path, wheel: Path, extra: str) -> None:
        self.folder = folder
        self.programs = folder / "venv" / "bin"
        venv.create(folder / "venv")
        pins = folder / "constraints.txt"
        pins.write_text("".join(f"{name}{pin.specifier}\n" for name, pin in locked(LOCKS[0]).items()))
        installed = self.pip("install", "--quiet", "-c", str(pins), f"{wheel}{extra}")
        assert installed.returncode == 0, installed.stderr

    def pip(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return pip("--python", str(self.programs / "python"), *arguments)

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of its programs to the end, outside the repository."""
        command = [str(self.programs / program), *arguments]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=300, check=False)

    def packages(self) -> set[str]:
        """Return what is installed beside us."""
        listed = json.loads(self.pip("list", "--format=json").stdout)
        return {canonical(package["name"]) for package in listed} - {"jorge-data"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built in a copy, so that the tree stays as it is."""
    folder = tmp_path_factory.mktemp("wheel")
    reached = pip("download", "--quiet", "--no-deps", "--dest", str(folder / "reached"), "setuptools")
    if reached.returncode:
        pytest.skip(f"pip reaches no package registry: {reached.stderr.strip().splitlines()[-1]}")
    for name in ("jorge_data", "requirements", "pages"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "app.py"):
        shutil.copy(ROOT / name, folder)
    built = pip("wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(folder))
    assert built.returncode == 0, built.stderr
    (path,) = folder.glob("jorge_data-*.whl")
    return path


@pytest.mark.slow
def test_the_wheel_holds_the_package_whole_and_nothing_else(wheel: Path) -> None:
    here = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "jorge_data").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with ZipFile(wheel) as archive:
        assert {name for name in archive.namelist() if ".dist-info/" not in name} == here
        (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        facts = BytesParser().parsebytes(archive.read(metadata))
    assert facts["Version"] == __version__
    assert set(facts.get_all("Provides-Extra", [])) == {"bots", "langgraph", "server", "dashboard", "postgresql"}
    required = [Requirement(text) for text in facts.get_all("Requires-Dist", [])]
    for extra in DYNAMIC["optional-dependencies"]:
        there = {str(Requirement(f"{one.name}{one.specifier}")) for one in required if is_in(one, extra)}
        assert there == {str(Requirement(f"{one.name}{one.specifier}")) for one in brought(extra)}


def is_in(requirement: Requirement, extra: str) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra, "sys_platform": "win32"})


@pytest.mark.slow
def test_a_bots_machine_publishes_without_the_server_and_the_dashboard(
    wheel: Path, tmp_path: Path, served: Served
) -> None:
    bot = Installation(tmp_path, wheel, "[bots]")
    assert bot.packages() == {
        *("pydantic", "pydantic-core", "annotated-types", "typing-inspection", "typing-extensions", "orjson"),
        *("requests", "certifi", "charset-normalizer", "idna", "urllib3", "tenacity"),
    }
    script = f"""
from jorge_data.bots import Publisher
with Publisher({served.url!r}, {served.token("publisher", "packaging")!r}, source="installed") as publisher:
    publisher.bot_status(bot_type="installed", status="processing", current_step="Q1")
"""
    run = bot.run("python", "-c", script)
    assert (run.returncode, run.stderr) == (0, "")
    (event,) = served.get("/events", location="packaging", after="oldest")["events"]
    assert (event["source"], event["type"]) == ("installed", "bot_status_update")


@pytest.mark.slow
def test_a_bare_install_has_a_help_and_says_which_extra_a_command_needs(wheel: Path, tmp_path: Path) -> None:
    bare = Installation(tmp_path, wheel, "")
    run = bare.run("jorge", "--help")
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("Usage: jorge [OPTIONS] COMMAND [ARGS]...\n")
    assert COMMANDS in run.stdout
    refused = bare.run("jorge", "serve")
    assert (refused.returncode, refused.stdout) == (2, "")
    (sentence,) = refused.stderr.splitlines()
    assert sentence.endswith("the commands of jorge need jorge-data[server], as in `pip install 'jorge-data[server]'`")
    assert bare.run("python", "-c", "import jorge_data.events").returncode == 0
