"""The extension as files that browsers install: a signed CRX3 package, an XPI, and the id that follows from a key.

In: the extension's files and an RSA key. Out: bytes, the same for the same input. Never: a key kept, a file written.
The id of an extension in Chromium and its relatives is the beginning of the SHA-256 of its public key, so whoever
keeps the key keeps the id; the package carries the public key and a signature over all of its content.
"""

import base64
import hashlib
import io
import json
import struct
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planwhy_agent.errors import ExtensionKeyRefused

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

KEY_BITS = 2048
_SIGNED = b"CRX3 SignedData\0"
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The time of every file in a package, so that packing again changes nothing."""


def new_key() -> bytes:
    """Make a private key, as PEM. Raises ExtensionKeyRefused where the library for it is missing."""
    _need_library()
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415  only for packing
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415  only for packing

    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)


def read_key(pem: bytes) -> "RSAPrivateKey":
    """Read a private key without a password. Raises ExtensionKeyRefused for anything else."""
    _need_library()
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415  only for packing
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey  # noqa: PLC0415  only for packing
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415  only for packing

    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ExtensionKeyRefused("the key is no PEM file with a private key without a password") from None
    if not isinstance(key, RSAPrivateKey) or key.key_size < KEY_BITS:
        raise ExtensionKeyRefused(f"the key is no RSA key of {KEY_BITS} bits or more")
    return key


def public_key(key: "RSAPrivateKey") -> bytes:
    """The public half, DER, as it stands in packages and (Base64) in the manifest."""
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415  only for packing

    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.DER, form)


def id_of(public: bytes) -> str:
    """The id that Chromium derives from a public key: 32 letters from a to p."""
    return "".join(chr(ord("a") + int(digit, 16)) for digit in hashlib.sha256(public).hexdigest()[:32])


def crx(folder: Path, key: "RSAPrivateKey") -> bytes:
    """Pack and sign the extension. Its manifest gets the public key, so that it has the same id unpacked."""
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415  only for packing
    from cryptography.hazmat.primitives.asymmetric import padding  # noqa: PLC0415  only for packing

    public = public_key(key)
    manifest = _manifest(folder) | {"key": base64.b64encode(public).decode()}
    content = _zipped(folder, manifest)
    identity = _field(1, hashlib.sha256(public).digest()[:16])
    signed = _SIGNED + struct.pack("<I", len(identity)) + identity + content
    proof = _field(1, public) + _field(2, key.sign(signed, padding.PKCS1v15(), hashes.SHA256()))
    header = _field(2, proof) + _field(10_000, identity)
    return b"Cr24" + struct.pack("<II", 3, len(header)) + header + content


def xpi(folder: Path) -> bytes:
    """Pack the extension for Firefox, unsigned: signatures for Firefox are made by its maker alone."""
    manifest = _manifest(folder)
    manifest["background"] = {name: told for name, told in manifest["background"].items() if name != "service_worker"}
    return _zipped(folder, {name: told for name, told in manifest.items() if name not in _CHROMIUM_ONLY})


def version_of(folder: Path) -> str:
    """The extension's version."""
    return str(_manifest(folder)["version"])


_CHROMIUM_ONLY = frozenset({"key", "minimum_chrome_version"})


def _need_library() -> None:
    try:
        import cryptography  # noqa: F401, PLC0415  whether it is there
    except ImportError:
        raise ExtensionKeyRefused("packing needs one library more: pip install 'planwhy-agent[extension]'") from None


def _manifest(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "manifest.json").read_text(encoding="utf-8")))


def _zipped(folder: Path, manifest: dict[str, Any]) -> bytes:
    """All files in one archive, in the order of their names, the manifest as given."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(one for one in folder.rglob("*") if one.is_file()):
            name = path.relative_to(folder).as_posix()
            content = json.dumps(manifest, indent=1).encode() if name == "manifest.json" else path.read_bytes()
            archive.writestr(zipfile.ZipInfo(name, _LONG_AGO), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _field(number: int, content: bytes) -> bytes:
    """One field of bytes in the encoding of the package's header (protocol buffers)."""
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
