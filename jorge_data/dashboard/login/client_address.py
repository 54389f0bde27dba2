"""From where a request comes, where proxies may stand between: whom to believe, and whom not."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from starlette.requests import HTTPConnection

from jorge_data.forwarding import is_loopback

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

FORWARDED_FOR = "x-forwarded-for"


def peer_of(connection: HTTPConnection) -> Address | None:
    """Return who opened the connection; None where nobody can say.

    uvicorn believes `X-Forwarded-For` from loopback and puts what it says in the client's place: so a client that is in
    that header too may be anybody's word. Who came to an address of loopback is on this machine, whatever he says.
    """
    server, client = connection.scope.get("server"), connection.client
    if server is not None and is_loopback(server[0]):
        return ip_address("127.0.0.1")
    peer = _address(client.host) if client is not None else None
    return None if peer in _forwarded(connection) else peer


def is_passed_on_by(connection: HTTPConnection, trusted: Sequence[Network]) -> bool:
    """Return whether a proxy that is trusted opened the connection."""
    peer = peer_of(connection)
    return peer is not None and _is_in(peer, trusted)


def client_address(connection: HTTPConnection, trusted: Sequence[Network]) -> str:
    """Return the address of the client, as trusted proxies say it; that of who opened the connection where none did."""
    peer = peer_of(connection)
    if peer is None:
        return connection.client.host if connection.client else "unknown"
    for each in [peer, *reversed(_forwarded(connection))]:
        if each is None:  # what stands before it was written by whoever wrote this
            break
        peer = each
        if not _is_in(each, trusted):
            break
    return str(peer)


def _forwarded(connection: HTTPConnection) -> list[Address | None]:
    """Return the addresses that a request was forwarded for, the latest last; None for what is no address."""
    listed = ",".join(connection.headers.getlist(FORWARDED_FOR))
    return [_address(each.strip()) for each in listed.split(",")] if listed else []


def _address(text: str) -> Address | None:
    """Return an address that may have a port behind it, as some proxies write it."""
    host = text.removeprefix("[").partition("]")[0] if text.startswith("[") else text
    if host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        address = ip_address(host)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _is_in(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)
