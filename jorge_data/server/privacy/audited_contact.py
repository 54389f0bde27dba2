"""A contact as the audit log names it: the log is never rewritten, and so holds no number and no address."""

from hashlib import blake2b


def audited(contact: str) -> str:
    """Return a contact's id for the audit log: a hash of one that is itself a mail address or a telephone number."""
    digits = sum(character.isdigit() for character in contact)
    is_personal = "@" in contact or " " in contact or (digits >= 7 and digits * 2 > len(contact))
    return f"contact {blake2b(contact.encode(), digest_size=8).hexdigest()}" if is_personal else f"contact {contact}"
