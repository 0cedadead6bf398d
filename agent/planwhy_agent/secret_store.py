"""The system's secret store, in a process of its own: `python -m planwhy_agent.secret_store get|set|delete DEVICE`.

In: a verb and a device id; a secret on standard input. Out: the secret on standard output. Never: a secret among
the arguments. Exit code 1 where there is no real store.
"""

import sys

SERVICE = "planwhy-agent"


def main(arguments: list[str]) -> int:
    """Do what the verb says; 0 when done, 1 without a real store, 2 for wrong usage."""
    if len(arguments) != 2 or arguments[0] not in ("get", "set", "delete"):
        return 2
    import keyring  # noqa: PLC0415  six megabytes that the agent itself must not carry
    from keyring.errors import KeyringError  # noqa: PLC0415

    verb, device_id = arguments
    try:
        if keyring.get_keyring().priority < 1:
            return 1
        if verb == "set":
            keyring.set_password(SERVICE, device_id, sys.stdin.read().strip())
        elif verb == "delete":
            keyring.delete_password(SERVICE, device_id)
        else:
            sys.stdout.write(keyring.get_password(SERVICE, device_id) or "")
    except (KeyringError, RuntimeError):
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
