"""Who may be contacted: a pure decision over an address and a port.

Source of the ranges: IANA's special-purpose registries for IPv4 and IPv6. `ipaddress.is_global`
is not used: its tables differ between Python releases and miss 6to4, multicast and others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_DENIED_V4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # "this network"; 0.0.0.0 reaches the own machine
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local: the clouds' metadata services
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
# Only global unicast is open in IPv6, so ::a.b.c.d, NAT64 (64:ff9b::/96, 64:ff9b:1::/48), ULA,
# link-local, fec0::/10, 5f00::/16 and multicast are closed without being named.
_OPEN_V6 = IPv6Network("2000::/3")
_DENIED_V6 = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # IETF protocols: Teredo hides an IPv4 address, ORCHID, benchmarks
        "2001:db8::/32",
        "2002::/16",  # 6to4 hides an IPv4 address
        "3fff::/20",  # documentation
    )
)


class Refusal(StrEnum):
    """Why an address may not be contacted. For logs of the operator, never for the asker."""

    ADDRESS = "address"
    """Private, local or reserved, and on no allow-list."""
    PORT = "port"


@dataclass(frozen=True, slots=True)
class Policy:
    """Which addresses and ports may be contacted. The default opens public 80 and 443 only."""

    allow_private: tuple[Network, ...] = ()
    """Networks the administrator opened although they are not public."""
    ports: frozenset[int] = frozenset({80, 443})
    """Ports open on public addresses."""
    allow_private_ports: frozenset[int] | None = None
    """Ports open on `allow_private`; None opens all of them."""
    private_ports: tuple[tuple[Network, frozenset[int]], ...] = ()
    """Narrower ports for single networks of `allow_private`."""

    def judge(self, address: Address, port: int) -> Refusal | None:
        """Return why `address` may not be contacted at `port`, or None where it may."""
        address = _unmapped(address)
        homes = [net for net in self.allow_private if _inside(address, net)]
        if any(self._port_open(net, port) for net in homes):
            return None
        if not is_public(address):
            return Refusal.PORT if homes else Refusal.ADDRESS
        return None if port in self.ports else Refusal.PORT

    def with_ports(self, *ports: int) -> Policy:
        """Return a policy that opens more ports on public addresses (993 for IMAP, say)."""
        return replace(self, ports=self.ports | frozenset(ports))

    @classmethod
    def parse(cls, allow_private: str) -> Policy:
        """Read an administrator's allow-list.

        Entries are separated by commas: a network or address, then optionally a colon and its
        ports separated by semicolons: `10.0.0.0/8, 127.0.0.1/32:8025;9000`. An IPv6 entry
        with ports stands in brackets: `[fd00::/8]:8080`. No ports means any port there.

        Raises ValueError that names the entry which cannot be read.
        """
        entries = [part.strip() for part in allow_private.split(",") if part.strip()]
        read = [_entry(part) for part in entries]
        narrowed = {net for net, ports in read if ports is not None}
        open_anyway = {net for net, ports in read if ports is None}
        return cls(
            allow_private=tuple(dict.fromkeys(net for net, _ in read)),
            private_ports=tuple(
                (net, ports)
                for net, ports in read
                if ports is not None and net in narrowed - open_anyway
            ),
        )

    def _port_open(self, network: Network, port: int) -> bool:
        own = [ports for net, ports in self.private_ports if net == network]
        if own:
            return any(port in ports for ports in own)
        return self.allow_private_ports is None or port in self.allow_private_ports


def literal(host: str) -> Address | None:
    """Return the address that `host` spells in the usual notation, else None."""
    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        return None


def allowed(policy: Policy, addresses: Sequence[Address], port: int) -> list[Address]:
    """Return those of a name's addresses that may be contacted, in their order."""
    return [address for address in addresses if policy.judge(address, port) is None]


def _unmapped(address: Address) -> Address:
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _inside(address: Address, network: Network) -> bool:
    return address.version == network.version and address in network


def is_public(address: Address) -> bool:
    """Whether an address belongs to the open internet."""
    address = _unmapped(address)
    if isinstance(address, IPv4Address):
        return not any(address in net for net in _DENIED_V4)
    return address in _OPEN_V6 and not any(address in net for net in _DENIED_V6)


def _entry(text: str) -> tuple[Network, frozenset[int] | None]:
    network, ports = _halves(text)
    try:
        return ip_network(network), None if ports is None else _ports(ports)
    except ValueError as error:
        raise ValueError(
            f"allowed private networks: cannot read {text!r} ({error}); "
            "write 10.0.0.0/8, 127.0.0.1/32:8025;9000 or [fd00::/8]:8080"
        ) from error


def _halves(text: str) -> tuple[str, str | None]:
    if text.startswith("["):
        network, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            return text, None
        return network, rest[1:] if rest else None
    if text.count(":") == 1:
        network, _, ports = text.partition(":")
        return network, ports
    return text, None


def _ports(text: str) -> frozenset[int]:
    return frozenset(_port(part.strip()) for part in text.split(";"))


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise ValueError(f"{text!r} is not a port")
    return int(text)
