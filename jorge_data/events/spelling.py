"""How texts are compared where somebody searches: without capitals, accents and invisible signs."""

import unicodedata


def fold(text: str) -> str:
    """Return a text as it is compared: small letters without accents, digits of any script as 0 to 9."""
    if text.isascii():
        return text.lower().strip()
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(map(_plain, apart)).strip()


def _plain(character: str) -> str:
    if unicodedata.category(character) in ("Mn", "Cf"):
        return ""
    digit = unicodedata.digit(character, None)
    return character if digit is None else str(digit)
