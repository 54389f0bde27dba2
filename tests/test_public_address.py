import pytest

from jorge_data.public_address import ALLOWED_ADDRESS, PublicAddress, is_same_origin


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("https://office.example.com", "https://office.example.com"),
        ("https://Office.Example.com:443/", "https://office.example.com"),
        ("http://office.example.com:80/jorge/", "http://office.example.com/jorge"),
        ("https://office.example.com:8443/a/b", "https://office.example.com:8443/a/b"),
        ("https://[::1]:8443", "https://[::1]:8443"),
        ("https://xn--bro-hoa.example", "https://xn--bro-hoa.example"),
    ],
)
def test_an_address_is_told_as_browsers_write_it(written: str, url: str) -> None:
    address = PublicAddress.read(written)
    assert address.url == url
    assert address.events_url == f"{url}/event-server"


@pytest.mark.parametrize(
    "written",
    [
        *("office.example.com", "ftp://office.example.com", "https://", "https://a:x", "https://[", "null"),
        *("https://u:p@a.example", "https://a.example/?x=1", "https://a.example/#x", "https://büro.example"),
        *("https://a.example/ü", "https://a b", "https://a.example/../b", "https://a.example//b"),
        *("https://a.example:99999", "wss://a.example"),
    ],
)
def test_what_no_browser_shows_is_refused_with_what_is_allowed(written: str) -> None:
    with pytest.raises(ValueError, match=ALLOWED_ADDRESS.split(",")[0]):
        PublicAddress.read(written)


@pytest.mark.parametrize(
    ("origin", "host", "same"),
    [
        ("https://a.example", "a.example", True),
        ("https://a.example", "a.example:443", True),
        ("http://a.example:80", "A.example", True),
        ("http://localhost:3000", "localhost:3000", True),
        ("http://[::1]:3000", "[::1]:3000", True),
        ("https://a.example", "a.example:8443", False),
        ("http://a.example", "a.example:443", False),
        ("https://evil.example", "a.example", False),
        ("https://a.example.evil.example", "a.example", False),
        ("http://[", "[", False),
        ("null", "null", False),
        (None, "a.example", False),
        ("https://a.example", None, False),
    ],
)
def test_an_origin_is_the_hosts_own_with_its_port_written_or_not(origin: str, host: str, same: bool) -> None:
    assert is_same_origin(origin, host) is same
