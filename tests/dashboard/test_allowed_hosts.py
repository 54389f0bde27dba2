import pytest

from jorge_data.dashboard.allowed_hosts import is_allowed_host


@pytest.mark.parametrize("host", ["localhost:3000", "127.0.0.1:3000", "[::1]:3000", "LOCALHOST"])
def test_a_dashboard_on_loopback_answers_to_loopback_names(host: str) -> None:
    assert is_allowed_host(host, "127.0.0.1", [])


@pytest.mark.parametrize("host", ["evil.example:3000", "127.0.0.1.evil.example", "http://[", "[", "", None])
def test_a_dashboard_on_loopback_answers_to_no_other_name(host: str | None) -> None:
    assert not is_allowed_host(host, "127.0.0.1", [])


def test_the_names_that_streamlit_is_told_of_are_allowed() -> None:
    assert is_allowed_host("jorge.example", "127.0.0.1", ["jorge.example"])
    assert is_allowed_host("wall.jorge.example:80", "0.0.0.0", ["*.jorge.example"])
    assert not is_allowed_host("evil.example", "0.0.0.0", ["*.jorge.example"])


def test_a_public_address_without_a_list_answers_to_any_name() -> None:
    assert is_allowed_host("jorge.example", "0.0.0.0", [])
