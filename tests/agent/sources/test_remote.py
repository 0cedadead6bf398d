"""Which sessions are seen from another machine."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planwhy_agent.sources.remote import MARKS, is_remote


@pytest.mark.parametrize(
    ("display", "remote"),
    [
        (":0", False),
        (":10.0", False),
        ("unix:0", False),
        ("unix/:0.1", False),
        ("/private/tmp/com.apple.launchd.abc/org.xquartz:0", False),
        ("localhost:10.0", True),
        ("localhost/unix:10", False),
        ("192.168.1.5:0", True),
        ("[::1]:0", True),
        ("host.example::0", True),
    ],
)
def test_a_display_reached_over_the_network_is_remote(display: str, remote: bool) -> None:
    assert is_remote({}, display, lambda _name: False) is remote


@pytest.mark.parametrize("mark", MARKS)
def test_what_remote_desktops_set_is_believed(mark: str) -> None:
    assert is_remote({mark: "1"}, ":0", lambda _name: False)
    assert not is_remote({mark: ""}, ":0", lambda _name: False)


def test_a_display_that_is_shown_elsewhere_says_so() -> None:
    assert is_remote({}, ":1", lambda name: name == "VNC-EXTENSION")


@given(st.text())
def test_no_name_of_a_display_is_an_error(display: str) -> None:
    assert is_remote({}, display, lambda _name: False) in (True, False)


def test_to_have_come_by_ssh_alone_makes_no_session_remote() -> None:
    assert not is_remote({"SSH_CONNECTION": "10.0.0.1 5 10.0.0.2 22"}, ":0", lambda _name: False)
