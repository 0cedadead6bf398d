"""Frames arrive in any pieces and come out whole."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planwhy_agent.sources.frames import FRAME_BYTES, Frames, FrameTooLong, framed


@given(st.lists(st.binary(max_size=40), max_size=8), st.integers(1, 17))
def test_messages_survive_any_cutting(messages: list[bytes], piece: int) -> None:
    stream, frames = b"".join(map(framed, messages)), Frames()
    out = [one for at in range(0, len(stream), piece) for one in frames.feed(stream[at : at + piece])]
    assert out == messages


def test_half_a_frame_gives_nothing_yet() -> None:
    frames = Frames()
    assert frames.feed(framed(b"whole")[:-1]) == []
    assert frames.feed(b"e") == [b"whole"]


def test_a_message_at_the_limit_passes_and_one_byte_more_is_refused() -> None:
    assert Frames().feed(framed(b"x" * FRAME_BYTES)) == [b"x" * FRAME_BYTES]
    with pytest.raises(FrameTooLong):
        framed(b"x" * (FRAME_BYTES + 1))


def test_an_announced_length_over_the_limit_is_refused_before_it_arrives() -> None:
    with pytest.raises(FrameTooLong):
        Frames().feed(struct.pack("=I", FRAME_BYTES + 1))
