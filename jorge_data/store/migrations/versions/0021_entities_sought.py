"""What a search looks through of contacts and deals, in columns and one index, instead of in the JSON of each."""

import unicodedata

import orjson
import phonenumbers
import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

SOME = """
SELECT id, family, key, name, summary FROM entities
WHERE id > ? AND family IN ('contact', 'deal') ORDER BY id LIMIT 5000
"""


def upgrade() -> None:
    op.add_column("entities", sa.Column("sought", sa.Text))
    op.add_column("entities", sa.Column("digits", sa.Text))
    bound = op.get_bind()
    after = 0
    while rows := bound.exec_driver_sql(SOME, (after,)).all():
        bound.exec_driver_sql(
            "UPDATE entities SET sought = ?, digits = ? WHERE id = ?", [(*_sought(*row[2:]), row[0]) for row in rows]
        )
        after = rows[-1][0]
    op.create_index(
        "entities_sought",
        "entities",
        ["log", "family", "at", "id", "key", "sought", "digits"],
        sqlite_where=sa.text("sought IS NOT NULL"),
    )


# What a search looked through when this was written: what it looks through later is for a later migration.


def _sought(key: str, name: str, summary: str) -> tuple[str, str]:
    about = orjson.loads(summary)
    lines = (_fold(" ".join(str(text or "").split())) for text in (name, key, about.get("email")))
    phone = str(about.get("phone") or "")
    digits = "".join(filter(str.isdigit, _e164(phone) or _fold(phone)))
    return "\n".join(("", *lines, "")), f"\n{digits}\n" if digits else ""


def _e164(phone: str) -> str | None:
    number = f"+{phone.strip()[2:]}" if phone.strip().startswith("00") else phone
    try:
        parsed = phonenumbers.parse(number if len(phone) <= 64 else "", "US")
    except phonenumbers.NumberParseException:
        return None
    possible = phonenumbers.is_possible_number_with_reason(parsed) == phonenumbers.ValidationResult.IS_POSSIBLE
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) if possible else None


def _fold(text: str) -> str:
    if text.isascii():
        return text.lower().strip()
    return "".join(map(_plain, unicodedata.normalize("NFKD", text.casefold()))).strip()


def _plain(character: str) -> str:
    if unicodedata.category(character) in ("Mn", "Cf"):
        return ""
    digit = unicodedata.digit(character, None)
    return character if digit is None else str(digit)
