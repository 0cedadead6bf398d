"""Browsers as an IT department installs the extension: policies, packages and native host for the whole machine.

    packed, before = installed(tmp_path / "packed", tmp_path / "key.pem")
    browser = Chromium(profile, environment, before=before)

The packed files lie over this machine's `/etc`, `/opt` and `/usr` for the browser alone, in a mount namespace of its
own, so that there is nothing to put back.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from planwhy_agent.packing import Packed, pack

AGENT = Path(sys.executable).parent / "planwhy-agent"
OVER = 'for d in {tree}/*; do mount -t overlay o -o "lowerdir=$d:/${{d##*/}}" "/${{d##*/}}" || exit 1; done; '
NAMESPACE = ("unshare", "--mount")


def installed(folder: Path, key: Path) -> tuple[Packed, str]:
    """Pack into the folder; what was packed, and the shell that puts it over the machine in a namespace of its own."""
    packed = pack(folder, key, agent=str(AGENT))
    before = OVER.format(tree=folder / "linux")
    if (
        os.getuid() != 0
        or subprocess.run([*NAMESPACE, "sh", "-c", before], capture_output=True, check=False).returncode
    ):
        pytest.skip("needs root and overlay mounts, as policies lie in /etc")
    return packed, before
