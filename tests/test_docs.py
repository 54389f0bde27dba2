"""The documentation is under test: what it lists is what there is, and what it shows works."""

import re
from pathlib import Path

from scripts.settings_table import environment, table

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def test_the_readme_lists_every_setting_as_it_is() -> None:
    listed = README.split("<!-- settings: python -m scripts.settings_table -->\n")[1].split("<!-- end of settings -->")[
        0
    ]
    assert listed == table()


def test_the_example_environment_lists_every_setting_as_it_is() -> None:
    assert (ROOT / ".env.example").read_text() == environment()


def test_every_file_and_picture_that_the_readme_names_is_here() -> None:
    named = re.findall(r"\]\(((?!https?:)[^)]+)\)", README)
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_make_target_that_the_readme_names_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = re.findall(r"(?:`|^ +)make ([a-z-]+)|`(bench-[a-z]+|soak[a-z-]*)`", README, re.MULTILINE)
    named = {name for pair in targets for name in pair if name}
    assert {"run", "test", "bench-live", "soak-hour"} <= named
    assert [target for target in named if not re.search(rf"^{target}:", makefile, re.MULTILINE)] == []


def test_every_requirement_says_why_it_is_here() -> None:
    files = sorted((ROOT / "requirements").glob("*.in"))
    lines = [line for file in files for line in file.read_text().splitlines() if line and not line.startswith("#")]
    assert len(lines) > 20
    assert [line for line in lines if "  #" not in line] == []
