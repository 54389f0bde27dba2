"""What is remembered of revoked tokens is bounded: each until it would have expired anyway."""

import time

from jorge_data.server.auth.revocations import Revocations


def test_a_token_that_has_expired_need_not_be_remembered() -> None:
    revocations = Revocations()
    revocations.add("old", time.time() - 1)
    revocations.add("new", time.time() + 60)
    assert ("old" in revocations, "new" in revocations) == (False, True)


def test_tokens_of_unknown_expiry_are_remembered_up_to_a_bound() -> None:
    revocations = Revocations(most_undated=2)
    for jti, expires in (("dated", time.time() + 60), ("undated", None)):
        revocations.add(jti, expires)
    assert not revocations.full
    revocations.add("one more", None)
    assert revocations.full


def test_whoever_watches_is_told_once_and_nobody_who_stopped() -> None:
    revocations, ends = Revocations(), list[str]()
    revocations.watch("a", lambda: ends.append("first"))
    revocations.watch("a", lambda: ends.append("second"))()
    revocations.watch("b", lambda: ends.append("other"))
    revocations.watch(None, lambda: ends.append("nobody"))
    revocations.add("a", None)
    revocations.add("a", None)
    assert ends == ["first"]


def test_whoever_comes_too_late_is_told_at_once() -> None:
    revocations, ends = Revocations(), list[str]()
    revocations.add("a", None)
    revocations.watch("a", lambda: ends.append("late"))
    assert ends == ["late"]
