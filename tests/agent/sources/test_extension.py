"""Browsers learn where the native host is, and forget it again."""

import base64
import hashlib
import json
import os
import subprocess
from pathlib import Path

import pytest
from planwhy_agent.sources.extension import (
    EXTENSION_ID,
    GECKO_ID,
    extension_dir,
    register_native_host,
    registered_manifests,
    unregister_native_host,
)


def manifest() -> dict[str, object]:
    return dict(json.loads((extension_dir() / "manifest.json").read_text(encoding="utf-8")))


def test_the_id_is_the_one_that_chromium_derives_from_the_key() -> None:
    digest = hashlib.sha256(base64.b64decode(str(manifest()["key"]))).hexdigest()
    assert "".join(chr(ord("a") + int(digit, 16)) for digit in digest[:32]) == EXTENSION_ID


def test_the_extension_never_runs_in_private_windows_and_asks_for_little() -> None:
    found = manifest()
    assert found["incognito"] == "not_allowed"
    assert found["permissions"] == ["tabs", "nativeMessaging", "alarms"]
    assert "host_permissions" not in found
    assert found["browser_specific_settings"]["gecko"]["id"] == GECKO_ID  # type: ignore[index]


def test_registering_writes_a_manifest_for_each_browser_that_names_an_executable(tmp_path: Path) -> None:
    written = register_native_host(tmp_path / "data", tmp_path / "run", tmp_path, [tmp_path / "profile"])
    assert set(written) == set(registered_manifests(tmp_path, [tmp_path / "profile"]))
    for path in written:
        found = json.loads(path.read_text(encoding="utf-8"))
        assert os.access(found["path"], os.X_OK)
        assert found["name"] == "com.planwhy.agent" == path.stem
        assert ("allowed_extensions" in found) == (".mozilla" in str(path)) != ("allowed_origins" in found)


def test_registering_twice_changes_nothing_and_unregistering_leaves_nothing(tmp_path: Path) -> None:
    first = register_native_host(tmp_path / "data", tmp_path / "run", tmp_path)
    assert register_native_host(tmp_path / "data", tmp_path / "run", tmp_path) == first
    unregister_native_host(tmp_path / "data", tmp_path)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_folders_of_a_browser_are_kept_when_it_uses_them(tmp_path: Path) -> None:
    register_native_host(tmp_path / "data", tmp_path / "run", tmp_path)
    kept = tmp_path / ".config" / "chromium" / "Local State"
    kept.touch()
    unregister_native_host(tmp_path / "data", tmp_path)
    assert kept.exists()


@pytest.mark.parametrize("name", ["with space", "quote'd", "тест $HOME"])
def test_the_launcher_starts_from_any_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    register_native_host(folder, folder / "run", tmp_path)
    done = subprocess.run([str(folder / "native-host")], input=b"", cwd=folder, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
