"""The table of end reasons, held against Retell's own SDK."""

from importlib.metadata import version
from typing import get_args

import pytest
from pydantic import BaseModel
from retell.types import PhoneCallResponse, WebCallResponse

from jorge_data.vendors.retell.end_reasons import END_REASONS, MEANINGS, SDK, Meaning


def reasons_of(call: type[BaseModel]) -> set[str]:
    optional = call.model_fields["disconnection_reason"].annotation
    return {reason for choice in get_args(optional) for reason in get_args(choice)}


@pytest.mark.parametrize("call", [PhoneCallResponse, WebCallResponse])
def test_every_end_reason_of_the_sdk_has_a_meaning_and_no_other_has(call: type[BaseModel]) -> None:
    assert reasons_of(call) == END_REASONS.keys()


def test_the_table_names_the_version_of_the_sdk_that_it_was_compared_with() -> None:
    assert version("retell-sdk") == SDK


def test_every_meaning_says_what_becomes_of_the_call_and_is_some_reasons() -> None:
    assert list(MEANINGS) == list(get_args(Meaning))
    assert {reason.meaning for reason in END_REASONS.values()} == MEANINGS.keys()
