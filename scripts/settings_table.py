"""Prints the settings: as README's table, or with `--env` as `.env.example`. A test keeps both true."""

import sys

from pydantic import AliasChoices, SecretStr
from pydantic.fields import FieldInfo

from jorge_data.settings import Settings


def names(field: FieldInfo) -> list[str]:
    """Return a setting's names, ours first."""
    assert isinstance(field.validation_alias, AliasChoices)
    return [str(name) for name in field.validation_alias.choices]


def default(field: FieldInfo) -> str:
    value = field.default
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return str(value).lower() if isinstance(value, bool) else str(value)


def table() -> str:
    """Return the Markdown table of README."""
    rows = ["| setting | default | what it does |", "|---|---|---|"]
    for field in Settings.model_fields.values():
        ours, *guides = names(field)
        also = f" (also `{'`, `'.join(guides)}`)" if guides else ""
        rows.append(f"| `{ours}`{also} | {f'`{default(field)}`' if default(field) else ''} | {field.description} |")
    return "\n".join(rows) + "\n"


def environment() -> str:
    """Return `.env.example`: every setting, commented out, at its default."""
    lines = ["# Copy to .env and uncomment what you change. Every setting stands here at its default.\n"]
    for field in Settings.model_fields.values():
        ours, *guides = names(field)
        also = f" ({guides[0]} means the same)" if guides else ""
        lines.append(f"# {field.description}{also}\n#{ours}={default(field)}\n")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(environment() if "--env" in sys.argv else table())
