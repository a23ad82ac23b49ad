from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from collectors.http.backend import numeric
from collectors.http.policy import Policy, Refusal, allowed

DENIED = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1",
    "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.127.255.255",
    "192.0.0.8", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.19.255.255", "198.51.100.7",
    "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::1", "::", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
    "::10.0.0.1", "::127.0.0.1", "::8.8.8.8", "64:ff9b::7f00:1", "64:ff9b::808:808",
    "64:ff9b:1::1", "100::1", "2001::1", "2001:0:7f00:1::", "2001:2::1", "2001:10::1",
    "2001:db8::1", "2002:7f00:1::1", "2002:808:808::1", "3fff::1", "3fff:fff:ffff::1",
    "5f00::1", "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%lo", "febf::1", "fec0::1",
    "feff::1", "ff02::1", "ff0e::1", "4000::1", "::ffff:0:7f00:1",
]  # fmt: skip
OPEN = [
    "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
    "126.255.255.255", "128.0.0.0", "172.15.255.255", "172.32.0.0", "192.88.98.255",
    "192.167.255.255", "198.17.255.255", "198.20.0.0", "223.255.255.255", "::ffff:8.8.8.8",
    "2001:200::1", "2001:4860:4860::8888", "2606:4700::1111", "2a00:1450::1", "3fff:1000::1",
]  # fmt: skip


@pytest.mark.parametrize("text", DENIED)
def test_every_address_form_that_is_not_public_is_refused(text: str) -> None:
    assert Policy().judge(ip_address(text), 443) is Refusal.ADDRESS


@pytest.mark.parametrize("text", OPEN)
def test_public_addresses_are_open_up_to_the_edges_of_the_closed_ranges(text: str) -> None:
    assert Policy().judge(ip_address(text), 443) is None


@pytest.mark.parametrize("text", DENIED)
def test_a_closed_address_opens_only_by_the_allow_list(text: str) -> None:
    address = ip_address(text)
    mapped = getattr(address, "ipv4_mapped", None)
    network = str(mapped or text).partition("%")[0]
    assert Policy.parse(network).judge(address, 8025) is None
    assert Policy.parse("10.99.0.0/16").judge(address, 8025) is Refusal.ADDRESS


# An oracle written another way: whole numbers and the first bits, no network objects.
def _oracle_v4(value: int) -> bool:
    a, b, c = value >> 24, value >> 16 & 255, value >> 8 & 255
    closed = (
        a in {0, 10, 127}
        or a >= 224
        or (a == 100 and 64 <= b < 128)
        or (a == 169 and b == 254)
        or (a == 172 and 16 <= b < 32)
        or (a == 192 and (b == 168 or (b == 0 and c in {0, 2}) or (b == 88 and c == 99)))
        or (a == 198 and (b in {18, 19} or (b == 51 and c == 100)))
        or (a == 203 and b == 0 and c == 113)
    )
    return not closed


def _oracle_v6(value: int) -> bool:
    if value >> 32 == 0xFFFF:
        return _oracle_v4(value & 0xFFFFFFFF)
    first, second = value >> 112, value >> 96 & 0xFFFF
    if not 0x2000 <= first <= 0x3FFF or first == 0x2002:
        return False
    if first == 0x2001 and (second < 0x200 or second == 0xDB8):
        return False
    return not (first == 0x3FFF and second < 0x1000)


@given(st.integers(0, 2**32 - 1) | st.sampled_from([int(ip_address(t)) for t in DENIED[:22]]))
def test_every_ipv4_address_is_judged_as_an_independent_table_says(value: int) -> None:
    assert (Policy().judge(IPv4Address(value), 80) is None) is _oracle_v4(value)


_HEADS = st.sampled_from(
    [0, 0x64, 0x100, 0x2000, 0x2001, 0x2002, 0x2003, 0x2606, 0x3FFF, 0x4000, 0x5F00, 0xFC00,
     0xFE80, 0xFEC0, 0xFF02]
)  # fmt: skip
_SECONDS = st.sampled_from([0, 1, 0x1FF, 0x200, 0xDB7, 0xDB8, 0xDB9, 0xFFF, 0x1000, 0xFF9B])
_SHAPED = st.builds(lambda a, b, rest: a << 112 | b << 96 | rest, _HEADS, _SECONDS,
                    st.integers(0, 2**96 - 1))  # fmt: skip
_MAPPED = st.builds(lambda v4: 0xFFFF << 32 | v4, st.integers(0, 2**32 - 1))


@given(st.integers(0, 2**128 - 1) | _SHAPED | _MAPPED)
@example(int(IPv6Address("::ffff:127.0.0.1")))
def test_every_ipv6_address_is_judged_as_an_independent_table_says(value: int) -> None:
    assert (Policy().judge(IPv6Address(value), 80) is None) is _oracle_v6(value)


@pytest.mark.parametrize(
    "host",
    ["2130706433", "0x7f000001", "017700000001", "0x7f.1", "0177.0.0.1", "127.1", "127.0.1",
     "::1", "::ffff:127.0.0.1", "0", "0x7f.0x0.0x0.0x1"],
)  # fmt: skip
def test_an_address_in_disguise_is_read_as_the_system_reads_it(host: str) -> None:
    addresses = numeric(host)
    assert addresses
    assert allowed(Policy(), addresses, 80) == []


def test_a_name_is_no_address() -> None:
    assert numeric("example.org") == ()


def test_public_addresses_are_open_at_listed_ports_only() -> None:
    address = ip_address("8.8.8.8")
    assert Policy().judge(address, 25) is Refusal.PORT
    assert Policy().with_ports(993).judge(address, 993) is None
    assert Policy().with_ports(993).judge(address, 443) is None


def test_ports_named_with_a_network_hold_for_that_network_only() -> None:
    policy = Policy.parse("127.0.0.1/32:8025;9000, 10.0.0.0/8")
    assert policy.judge(ip_address("127.0.0.1"), 9000) is None
    assert policy.judge(ip_address("127.0.0.1"), 80) is Refusal.PORT
    assert policy.judge(ip_address("10.1.2.3"), 5432) is None
    assert policy.judge(ip_address("127.0.0.2"), 9000) is Refusal.ADDRESS


def test_a_network_listed_with_and_without_ports_is_open_at_all_of_them() -> None:
    policy = Policy.parse("127.0.0.1:8025,127.0.0.1")
    assert policy.judge(ip_address("127.0.0.1"), 1) is None


def test_ipv6_networks_take_ports_in_brackets() -> None:
    policy = Policy.parse("[::1/128]:8025, fd00::/8,[fe80::/10]")
    assert policy.judge(ip_address("::1"), 8025) is None
    assert policy.judge(ip_address("::1"), 8026) is Refusal.PORT
    assert policy.judge(ip_address("fd00::9"), 8026) is None
    assert policy.judge(ip_address("fe80::9"), 8026) is None


def test_ports_for_all_private_networks_can_be_narrowed() -> None:
    policy = Policy(
        allow_private=Policy.parse("10.0.0.0/8").allow_private,
        allow_private_ports=frozenset({8080}),
    )
    assert policy.judge(ip_address("10.0.0.1"), 8080) is None
    assert policy.judge(ip_address("10.0.0.1"), 80) is Refusal.PORT


def test_an_empty_allow_list_opens_nothing() -> None:
    assert Policy.parse(" , ") == Policy()


@pytest.mark.parametrize(
    "bad",
    ["127.0.0.1/33", "10.0.0.1/8", "localhost", "127.0.0.1:0", "127.0.0.1:80;x", "127.0.0.1:",
     "127.0.0.1:65536", "[::1", "[::1]x", "::1/129", "127.0.0.1:٣"],
)  # fmt: skip
def test_an_unreadable_entry_is_named(bad: str) -> None:
    with pytest.raises(ValueError, match="cannot read") as caught:
        Policy.parse(f"10.0.0.0/8,{bad}")
    assert repr(bad) in str(caught.value)
