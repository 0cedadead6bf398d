"""A secret store for tests, in a file, reached like a real one: `PYTHON_KEYRING_BACKEND=stored_secrets.Keyring`."""

import json
import os
from pathlib import Path
from typing import ClassVar

from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError


class Keyring(KeyringBackend):
    """Keeps secrets in the file that STORED_SECRETS names."""

    priority: ClassVar[float] = 5

    def get_password(self, service: str, username: str) -> str | None:
        """Read one."""
        return self._known().get(f"{service}/{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep one."""
        self._keep(self._known() | {f"{service}/{username}": password})

    def delete_password(self, service: str, username: str) -> None:
        """Forget one."""
        known = self._known()
        if known.pop(f"{service}/{username}", None) is None:
            raise PasswordDeleteError("not there")
        self._keep(known)

    def _known(self) -> dict[str, str]:
        path = Path(os.environ["STORED_SECRETS"])
        found: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        return found

    def _keep(self, known: dict[str, str]) -> None:
        Path(os.environ["STORED_SECRETS"]).write_text(json.dumps(known))
