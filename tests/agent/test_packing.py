"""What an IT department gets: signed packages under an id that its own key decides, policies, and a native host."""

import base64
import hashlib
import io
import json
import os
import stat
import struct
import subprocess
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from hypothesis import given
from hypothesis import strategies as st
from planwhy_agent import crx
from planwhy_agent.errors import ExtensionKeyRefused
from planwhy_agent.packing import LAUNCHER, Packed, pack
from planwhy_agent.sources.extension import EXTENSION_ID, GECKO_ID, extension_dir, register_native_host
from running import BIN

PEM, PKCS8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "key.pem"
    path.write_bytes(crx.new_key())
    return path


@pytest.fixture
def packed(tmp_path: Path, key: Path) -> Packed:
    usual = os.umask(0o077)  # as the command line sets it
    try:
        return pack(tmp_path / "out", key)
    finally:
        os.umask(usual)


def taken(data: bytes, at: int) -> tuple[int, bytes, int]:
    """One field of a header, read without the code that wrote it: number, content, where the next begins."""
    numbers = []
    for _ in range(2):
        value, shift = 0, 0
        while True:
            value |= (data[at] & 0x7F) << shift
            shift, at = shift + 7, at + 1
            if data[at - 1] < 0x80:
                break
        numbers.append(value)
    return numbers[0] >> 3, data[at : at + numbers[1]], at + numbers[1]


def fields(data: bytes) -> dict[int, bytes]:
    at, out = 0, {}
    while at < len(data):
        number, out_content, at = taken(data, at)
        out[number] = out_content
    return out


def test_the_package_is_signed_by_the_key_that_its_id_comes_from(tmp_path: Path, packed: Packed) -> None:
    whole = (tmp_path / "out/planwhy.crx").read_bytes()
    magic, version, length = struct.unpack_from("<4sII", whole)
    header = fields(whole[12 : 12 + length])
    proof, content = fields(header[2]), whole[12 + length :]
    identity = fields(header[10_000])[1]
    signed = b"CRX3 SignedData\0" + struct.pack("<I", len(header[10_000])) + header[10_000] + content
    public = serialization.load_der_public_key(proof[1])
    assert isinstance(public, rsa.RSAPublicKey)
    public.verify(proof[2], signed, padding.PKCS1v15(), hashes.SHA256())
    assert (magic, version, identity) == (b"Cr24", 3, hashlib.sha256(proof[1]).digest()[:16])
    manifest = json.loads(zipfile.ZipFile(io.BytesIO(content)).read("manifest.json"))
    assert crx.id_of(base64.b64decode(manifest["key"])) == packed.id


def test_the_published_key_gives_the_published_id() -> None:
    manifest = json.loads((extension_dir() / "manifest.json").read_text(encoding="utf-8"))
    assert crx.id_of(base64.b64decode(manifest["key"])) == EXTENSION_ID


def test_packing_again_with_the_same_key_changes_nothing(tmp_path: Path, key: Path, packed: Packed) -> None:
    before = {name: (tmp_path / "out" / name).read_bytes() for name in packed.files}
    with zipfile.ZipFile(tmp_path / "out/planwhy.xpi") as archive:
        assert {one.date_time[0] for one in archive.infolist()} == {1980}
    assert pack(tmp_path / "out", key) == packed
    assert before == {name: (tmp_path / "out" / name).read_bytes() for name in packed.files}


def test_a_new_key_is_made_once_for_its_owner_only_and_gives_another_id(tmp_path: Path, packed: Packed) -> None:
    fresh = tmp_path / "fresh.pem"
    first = pack(tmp_path / "other", fresh)
    assert (first.new_key, packed.new_key) == (True, False)
    assert stat.S_IMODE(fresh.stat().st_mode) == 0o600
    assert first.id not in {packed.id, EXTENSION_ID}
    assert pack(tmp_path / "other", fresh).id == first.id


def test_the_key_is_not_handed_out_and_everything_else_can_be_read_by_all(tmp_path: Path, packed: Packed) -> None:
    for path in (tmp_path / "out").rglob("*"):
        mode = stat.S_IMODE(path.stat().st_mode)
        executable = path.is_dir() or path.name == LAUNCHER.name
        assert mode & 0o755 == (0o755 if executable else 0o644)
        assert path.is_dir() or b"PRIVATE KEY" not in path.read_bytes()
    with pytest.raises(ExtensionKeyRefused, match="handed out"):
        pack(tmp_path / "out", tmp_path / "out" / "keys" / "key.pem")


def keys() -> dict[str, bytes]:
    plain, locked = serialization.NoEncryption(), serialization.BestAvailableEncryption(b"word")
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    curve = ec.generate_private_key(ec.SECP256R1())
    return {
        "empty": b"",
        "text": b"no key",
        "short": short.private_bytes(PEM, PKCS8, plain),
        "curve": curve.private_bytes(PEM, PKCS8, plain),
        "locked": short.private_bytes(PEM, PKCS8, locked),
        "public": short.public_key().public_bytes(PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
    }


@pytest.mark.parametrize("kind", list(keys()))
def test_what_is_no_fit_key_is_refused(tmp_path: Path, kind: str) -> None:
    (tmp_path / "key.pem").write_bytes(keys()[kind])
    with pytest.raises(ExtensionKeyRefused):
        pack(tmp_path / "out", tmp_path / "key.pem")
    assert not (tmp_path / "out").exists()


@given(st.binary(max_size=200))
def test_bytes_that_are_no_key_are_refused_and_nothing_else(pem: bytes) -> None:
    for text in (pem, b"-----BEGIN PRIVATE KEY-----\n" + base64.b64encode(pem) + b"\n-----END PRIVATE KEY-----\n"):
        with pytest.raises(ExtensionKeyRefused):
            crx.read_key(text)


def test_all_policies_and_manifests_name_the_same_id_and_address(tmp_path: Path, key: Path) -> None:
    packed = pack(tmp_path, key, "https://intra.example/a&b/", "/usr/bin/planwhy-agent")
    updates = "https://intra.example/a&b/updates.xml"
    app = ElementTree.fromstring((tmp_path / "updates.xml").read_text())[0]
    assert (app.get("appid"), app[0].get("codebase")) == (packed.id, "https://intra.example/a&b/planwhy.crx")
    for path in tmp_path.glob("linux/**/managed/planwhy.json"):
        settings = json.loads(path.read_text())["ExtensionSettings"]
        assert settings == {packed.id: {"installation_mode": "force_installed", "update_url": updates}}
    for path in tmp_path.glob("windows/*.reg"):
        assert f'"71"="{packed.id};{updates}"' in path.read_bytes().decode("utf-16")
    for path in tmp_path.glob("linux/etc/**/com.planwhy.agent.json"):
        told = json.loads(path.read_text())
        assert (told["path"], told["allowed_origins"]) == (str(LAUNCHER), [f"chrome-extension://{packed.id}/"])
    assert "exec /usr/bin/planwhy-agent native-host" in (tmp_path / f"linux{LAUNCHER}").read_text()
    assert not (tmp_path / "linux/opt/planwhy/extension").exists()


def test_the_package_for_firefox_holds_what_firefox_knows(tmp_path: Path, packed: Packed) -> None:
    with zipfile.ZipFile(tmp_path / "out/planwhy.xpi") as archive:
        manifest = json.loads(archive.read("manifest.json"))
        assert {"background.js", "_locales/ru/messages.json"} <= set(archive.namelist())
    assert "key" not in manifest and "service_worker" not in manifest["background"]
    assert manifest["browser_specific_settings"]["gecko"]["id"] == packed.gecko_id == GECKO_ID
    policy = json.loads((tmp_path / "out/linux/etc/firefox/policies/policies.json").read_text())["policies"]
    assert policy["ExtensionSettings"][GECKO_ID]["install_url"] == "file:///opt/planwhy/extension/planwhy.xpi"


def test_a_users_manifest_allows_what_that_of_the_machine_allows(tmp_path: Path, packed: Packed) -> None:
    system, own = tmp_path / "out/linux", "{11111111-2222-3333-4444-555555555555}"
    (system / "etc/opt/edge/native-messaging-hosts/com.planwhy.agent.json").write_text('{"allowed_origins": [1, "x"]}')
    written = register_native_host(tmp_path / "d", tmp_path / "r", tmp_path / "home", ids=[own], system=system)
    told = [json.loads(path.read_text()) for path in written]
    for one in told[:-1]:
        assert one["allowed_origins"] == [f"chrome-extension://{name}/" for name in (EXTENSION_ID, packed.id)]
    assert told[-1]["allowed_extensions"] == [GECKO_ID, own]


def test_the_command_packs_and_says_under_which_id(tmp_path: Path) -> None:
    command = [BIN / "planwhy-agent", "extension", "pack", "out", "--key", "key.pem"]
    first = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    again = json.loads(subprocess.run([*command, "--json"], cwd=tmp_path, capture_output=True, check=True).stdout)
    assert "keep it secret" in first
    assert again["id"] in first
    (tmp_path / "key.pem").write_text("spoilt")
    spoilt = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (spoilt.returncode, spoilt.stdout) == (1, "")
    assert spoilt.stderr.startswith("planwhy-agent: extension_key: ")
