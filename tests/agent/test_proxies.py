"""The way to the collector may lead through a company's proxy, and only as a tunnel."""

from urllib.parse import urlsplit

import pytest
from planwhy_agent.errors import ConfigError, Unreachable
from planwhy_agent.proxies import Proxy, proxy_at, proxy_for
from planwhy_agent.transport import Transport
from tunnel import proxy, secure_collector

FAR = urlsplit("https://planwhy.example.com")
VARIABLES = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY")


@pytest.fixture(autouse=True)
def no_proxy_of_this_machine(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("address", "host", "port"),
    [
        ("http://proxy.example.com:3128", "proxy.example.com", 3128),
        ("proxy.example.com:3128", "proxy.example.com", 3128),
        ("proxy.example.com", "proxy.example.com", 8080),
        ("http://[::1]:8888/", "::1", 8888),
    ],
)
def test_a_proxy_is_read_with_and_without_scheme_and_port(address, host, port):
    assert proxy_at(address) == Proxy(host, port, {})


def test_a_login_becomes_a_header_for_the_proxy_alone():
    assert proxy_at("http://us%65r:p%40ss@proxy:1").headers == {"Proxy-Authorization": "Basic dXNlcjpwQHNz"}


@pytest.mark.parametrize(
    "address", ["socks5://proxy:1080", "https://proxy", "http://", "http://proxy:99999", "http://[::1"]
)
def test_what_is_no_proxy_is_refused_by_the_name_of_the_setting(address):
    with pytest.raises(ConfigError, match=r"^proxy: "):
        proxy_at(address)


def test_the_system_is_asked_unless_the_setting_decides(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://proxy:3128")
    assert proxy_for("system", FAR) == Proxy("proxy", 3128, {})
    assert proxy_for("none", FAR) is None
    assert proxy_for("http://other:1", FAR) == Proxy("other", 1, {})
    assert proxy_for("system", urlsplit("http://127.0.0.1:8080")) is None
    monkeypatch.setenv("no_proxy", "example.com")
    assert proxy_for("system", FAR) is None


def test_a_request_goes_through_the_tunnel_and_the_proxy_cannot_read_it(tmp_path):
    with secure_collector(tmp_path) as (url, ca), proxy(login="user:secret") as told:
        way = Transport(url, "device-token", str(ca), proxy=f"http://user:secret@127.0.0.1:{told.port}")
        answer = way.get("/api/v1/agent/policy")
    assert (answer.status, answer.body) == (200, b"{}")
    assert told.asked == [url.removeprefix("https://")]
    assert told.seen and b"device-token" not in told.seen and b"policy" not in told.seen


def test_a_proxy_that_refuses_is_named_and_its_password_is_not(tmp_path):
    with secure_collector(tmp_path) as (url, ca), proxy(login="user:secret") as told:
        way = Transport(url, "t", str(ca), proxy=f"http://user:wrong@127.0.0.1:{told.port}")
        with pytest.raises(Unreachable, match="407") as refused:
            way.get("/api/v1/agent/policy")
    assert "wrong" not in refused.value.detail and "dXNlcjp3cm9uZw" not in refused.value.detail


def test_behind_a_tunnel_the_collectors_own_certificate_is_still_checked(tmp_path):
    with secure_collector(tmp_path, name="other.example.com") as (url, ca), proxy() as told:
        way = Transport(url.replace("other.example.com", "localhost"), "t", str(ca), proxy=f"127.0.0.1:{told.port}")
        with pytest.raises(Unreachable, match=r"[Hh]ostname mismatch"):
            way.get("/api/v1/agent/policy")
