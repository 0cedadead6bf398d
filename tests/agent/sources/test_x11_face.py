"""The X11 face of a Wayland session is told from a display of its own."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import Xlib.error
from desktop import need, virtual_desk, wait_for
from planwhy_agent.sources import x11_face
from planwhy_agent.sources.base import SourceUnsupported
from planwhy_agent.sources.x11 import X11Desktop

pytestmark = pytest.mark.desktop


def display(extensions: tuple[str, ...]) -> Any:
    return SimpleNamespace(
        query_extension=lambda name: SimpleNamespace(major_opcode=140) if name in extensions else None,
        display=SimpleNamespace(set_extension_major=lambda _name, _number: None),
        screen=lambda: SimpleNamespace(root=None),
    )


@pytest.mark.parametrize(
    ("extensions", "outputs", "face"),
    [
        (("RANDR", "XWAYLAND"), ["DP-1"], True),
        (("RANDR",), ["XWAYLAND0", "XWAYLAND1"], True),
        (("RANDR",), ["eDP-1", "HDMI-1"], False),
        (("RANDR",), [], False),
        ((), ["XWAYLAND0"], False),
    ],
)
def test_newer_faces_have_an_extension_and_older_ones_name_their_outputs(
    monkeypatch: pytest.MonkeyPatch, extensions: tuple[str, ...], outputs: list[str], face: bool
) -> None:
    resources = SimpleNamespace(outputs=outputs, config_timestamp=0)
    monkeypatch.setattr(x11_face.randr, "get_screen_resources_current", lambda _root: resources)
    monkeypatch.setattr(x11_face.randr, "get_output_info", lambda _root, one, _at: SimpleNamespace(name=one))
    assert x11_face.is_face_of_wayland(display(extensions)) is face


def test_a_display_that_knows_no_outputs_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    class Refused(Xlib.error.XError):
        def __init__(self) -> None:
            self._data = {}

        def __str__(self) -> str:
            return "BadRequest"

    def refuse(_root: object) -> None:
        raise Refused

    monkeypatch.setattr(x11_face.randr, "get_screen_resources_current", refuse)
    assert not x11_face.is_face_of_wayland(display(("RANDR",)))


def test_a_real_display_of_its_own_is_watched() -> None:
    with virtual_desk() as desk:
        X11Desktop.open(desk.name).close()


@pytest.fixture
def face(tmp_path: Path) -> Iterator[str]:
    """The X11 face of a real Wayland compositor without a screen."""
    need("weston", "Xwayland")
    tmp_path.chmod(0o700)
    (tmp_path / "weston.ini").write_text("[core]\nxwayland=true\n")
    log = tmp_path / "weston.log"
    command = ["weston", "--backend=headless-backend.so", f"--config={tmp_path / 'weston.ini'}", f"--log={log}"]
    compositor = subprocess.Popen(command, env=os.environ | {"XDG_RUNTIME_DIR": str(tmp_path)})
    try:
        yield wait_for(lambda: re.findall(r"display (:\d+)", log.read_text() if log.exists() else ""))[0]
    finally:
        compositor.terminate()
        compositor.wait()


def test_the_face_of_a_real_compositor_is_refused(face: str) -> None:
    with pytest.raises(SourceUnsupported, match="unsupported: wayland"):
        X11Desktop.open(face)
