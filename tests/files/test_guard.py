"""Which addresses may be reached."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wavespeed_mcp_server.api.guard import AddressRefused, TransferFailed, checked_addresses, is_allowed

PRIVATE = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.8",
    "192.168.1.1",
    "198.18.0.1",
    "203.0.113.5",
    "224.0.0.251",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::10.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::8.8.8.8",
    "2002:0a00:0001::1",
    "2001:0:4136:e378:8000:63bf:f5ff:fffe",
    "2001:db8::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]
LOOPBACK = ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1", "64:ff9b::127.0.0.1"]
PUBLIC = ["8.8.8.8", "1.1.1.1", "104.16.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"]


@pytest.mark.parametrize("address", PRIVATE)
@pytest.mark.parametrize("loopback_ok", [False, True])
def test_private_and_special_addresses_are_never_reached(address: str, loopback_ok: bool) -> None:
    assert not is_allowed(ipaddress.ip_address(address), loopback_ok=loopback_ok)


@pytest.mark.parametrize("address", LOOPBACK)
def test_loopback_is_reached_only_if_the_api_is_there_too(address: str) -> None:
    assert not is_allowed(ipaddress.ip_address(address), loopback_ok=False)
    assert is_allowed(ipaddress.ip_address(address), loopback_ok=True)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_reached(address: str) -> None:
    assert is_allowed(ipaddress.ip_address(address), loopback_ok=False)


@given(st.ip_addresses(v=4), st.booleans())
def test_an_ipv4_address_is_judged_alike_in_every_ipv6_dress(
    address: ipaddress.IPv4Address, loopback_ok: bool
) -> None:
    plain = is_allowed(address, loopback_ok=loopback_ok)
    number = int(address)
    dresses = [0xFFFF << 32 | number, 0x64FF9B << 96 | number, 0x2002 << 112 | number << 80]
    for dress in dresses:
        assert is_allowed(ipaddress.IPv6Address(dress), loopback_ok=loopback_ok) is plain


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "2130706433", "0x7f.1", "127.1", "localhost", "::1", "10.0.0.1"]
)
async def test_every_spelling_of_a_private_host_is_refused(host: str) -> None:
    with pytest.raises(AddressRefused):
        await checked_addresses(host, 80, loopback_ok=False)


@pytest.mark.parametrize("host", ["nowhere.invalid", "a" * 300, "", "ü" * 70])
async def test_a_name_without_an_address_is_a_failed_transfer(host: str) -> None:
    with pytest.raises(TransferFailed):
        await checked_addresses(host, 80, loopback_ok=False)


async def test_one_private_address_among_public_ones_refuses_the_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def resolve(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        return [(0, 0, 0, "", ("8.8.8.8", port)), (0, 0, 0, "", ("10.0.0.1", port))]

    monkeypatch.setattr("anyio.getaddrinfo", resolve)
    with pytest.raises(AddressRefused):
        await checked_addresses("both.test", 443, loopback_ok=True)


async def test_ipv4_addresses_come_first_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolve(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        found = ["2606:4700::1111", "8.8.8.8", "8.8.8.8"]
        return [(0, 0, 0, "", (address, port)) for address in found]

    monkeypatch.setattr("anyio.getaddrinfo", resolve)
    assert await checked_addresses("both.test", 443, loopback_ok=False) == ["8.8.8.8", "2606:4700::1111"]
