"""What the API can fetch: nothing private, however it is spelled, but what the API itself serves."""

import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wavespeed_mcp_server.api.fetchable import unfetchable
from wavespeed_mcp_server.api.guard import is_allowed

API = "https://api.wavespeed.ai"
SANDBOX = "http://127.0.0.1:8787"


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/a.png",
        "http://example.com:8080/a.png?x=1#y",
        "https://user:pass@cdn.example.co.uk/a.png",
        "https://8.8.8.8/a.png",
        "https://[2606:4700::1111]/a.png",
        "https://xn--bcher-kva.de/a.png",
        "https://bücher.de/a.png",
        "https://api.wavespeed.ai/outputs/a.png",
        "https://local.example.com/a.png",
        "https://internal-files.s3.amazonaws.com/a.png",
        "https://my_bucket.s3.amazonaws.com/a b.png",
    ],
)
def test_public_urls_can_be_fetched(url: str) -> None:
    assert unfetchable(url, API) == ""


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST",
        "localhost.",
        "foo.localhost",
        "nas.local",
        "NAS.LOCAL.",
        "printer.lan",
        "host.docker.internal",
        "metadata.google.internal",
        "wiki.corp",
        "router.home.arpa",
        "box.home",
        "intranet",
        "a.test",
        "a.invalid",
        "abc.onion",
        "127.0.0.1",
        "127.1",
        "0",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "017700000001",
        "2130706433",
        "127.0.0.1.",
        "127\u30020\u30020\u30021",
        "\uff11\uff12\uff17.0.0.1",
        "%6c%6f%63alhost",
        "127.0.0.%31",
        "10.0.0.1",
        "172.31.1.1",
        "192.168.1.20",
        "169.254.169.254",
        "100.64.1.1",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[fe80::1%25eth0]",
        "[fd00::1]",
        "user:pw@localhost",
        "example.com@127.0.0.1",
        "1.2.3.256",
        "",
    ],
)
@pytest.mark.parametrize("scheme", ["http", "https", "HTTP"])
def test_private_hosts_cannot_in_whatever_spelling(scheme: str, host: str) -> None:
    assert unfetchable(f"{scheme}://{host}/a.png", API)
    assert unfetchable(f"{scheme}://{host}:8000/a.png", API)


@pytest.mark.parametrize(
    "url", ["http:\\\\localhost\\a.png", "http://local\nhost/a.png", "http://[::1/a.png"]
)
def test_a_url_is_read_as_browsers_read_it(url: str) -> None:
    assert unfetchable(url, API)


@given(st.ip_addresses(v=4), st.sampled_from(["dotted", "whole", "hex", "short", "octal", "mapped"]))
def test_every_spelling_of_an_address_is_judged_as_the_address(
    address: ipaddress.IPv4Address, spelling: str
) -> None:
    number = int(address)
    first, rest = number >> 24, number & 0xFFFFFF
    host = {
        "dotted": str(address),
        "whole": str(number),
        "hex": hex(number),
        "short": f"{first}.{rest}",
        "octal": f"0{first:o}.0{rest:o}",
        "mapped": f"[::ffff:{address}]",
    }[spelling]
    if spelling != "mapped":
        assert socket.inet_aton(host) == address.packed
    assert (unfetchable(f"https://{host}/a.png", API) == "") == is_allowed(address, loopback_ok=False)


def test_an_api_on_loopback_can_fetch_its_own_files_and_no_others() -> None:
    assert unfetchable(f"{SANDBOX}/outputs/1/0/a.png", SANDBOX) == ""
    assert unfetchable("http://localhost:8787/storage/a.png", SANDBOX) == ""
    assert unfetchable("http://127.0.0.1:8000/a.png", SANDBOX)
    assert unfetchable("http://127.0.0.1/a.png", SANDBOX)
    assert unfetchable("http://192.168.1.1:8787/a.png", SANDBOX)
    assert unfetchable(f"{SANDBOX}/api/v3/balance", SANDBOX)
    assert unfetchable("https://example.com/a.png", SANDBOX) == ""
