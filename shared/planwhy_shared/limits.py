"""Limits of the wire format. Both sides import them, so that what one sends the other accepts."""

from typing import Final

WIRE_BYTES: Final = 1 << 20
"""Body of one request as sent, bytes."""
INFLATED_BYTES: Final = 8 << 20
"""The same body after decompression, bytes."""
BATCH_SPANS: Final = 1_000
"""Spans in one batch."""
SPAN_BYTES: Final = 16 << 10
"""One span as JSON, bytes."""
SPAN_MS: Final = 31 * 24 * 3_600_000
"""Length of one span: an agent closes one at least when a machine wakes up."""
TITLE_CHARS: Final = 1_024
"""A title, code points."""
URL_CHARS: Final = 2_048
"""An address, code points."""
APP_CHARS: Final = 255
"""A program name, code points."""
OPEN_COUNT: Final = 65_535
"""Windows or tabs that one span counts."""
EPOCH_CHARS: Final = 64
"""Epoch and batch ids, code points."""
GAPS: Final = 100
"""Declared gaps in one batch."""
MAX_MS: Final = 253_402_300_799_999
"""Last millisecond of the year 9999: later times are typing errors, and no calendar computes with them."""
POLICY_RULES: Final = 1_000
"""Rules of one kind, or hosts with paths, in one policy."""
MASK_PATTERNS: Final = 30
"""Masking patterns in one policy."""
PATTERN_CHARS: Final = 200
"""One masking pattern, code points."""
