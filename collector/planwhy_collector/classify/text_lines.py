"""The lines of a text of rules. In: a text. Out: its statements with their numbers. Never: what a statement means.

Lines end as editors see them: \\n, \\r\\n or \\r. What no text holds – control characters, halves of characters – is
refused where it stands, and so is a text that nobody can have written.
"""

import re
from collections.abc import Iterator, Sequence

LONGEST_TEXT = 64_000_000
"""Characters; a list of 500,000 hosts has some 10 million."""
LONGEST_LINE = 100_000
MOST_STATEMENTS = 200_000
_ENDS = re.compile(r"\r\n|\r|\n")
UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def statements(text: str) -> Iterator[tuple[int, str]]:
    """Statements with the numbers of their lines, blanks around them cut off; comments and empty lines are none."""
    for number, raw in enumerate(_ENDS.split(text.removeprefix("\ufeff")), 1):
        line = raw.strip()
        if line and not line.startswith("#"):
            yield number, line


def lines_of(text: str) -> list[str]:
    """The lines of a text as an editor counts them."""
    return _ENDS.split(text)


def unreadable(text: str) -> Sequence[tuple[int, str]]:
    """What forbids to read the text at all: number of the line and reason, the first of each kind."""
    if len(text) > LONGEST_TEXT:
        return [(1, f"the text has {len(text):,} characters, at most {LONGEST_TEXT:,} are read")]
    lines = lines_of(text)
    wrong = [
        (number, f"the line has {len(line):,} characters, at most {LONGEST_LINE:,} are read")
        for number, line in enumerate(lines, 1)
        if len(line) > LONGEST_LINE
    ][:1]
    if UNREADABLE.search(text):
        number, found = next((n, hit) for n, line in enumerate(lines, 1) if (hit := UNREADABLE.search(line)))
        wrong.append((number, f"the character U+{ord(found[0]):04X} at place {found.start() + 1} is none of a text"))
    return wrong
