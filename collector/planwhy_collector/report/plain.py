"""Texts from outside made fit for a terminal, a plain mail or a header. In: any text. Out: one line. Never: markup."""


def one_line(text: str, most: int = 80) -> str:
    """Put a text on one line of at most that many characters, without control and invisible characters."""
    plain = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return plain if len(plain) <= most else f"{plain[: most - 1].rstrip()}…"
