"""The wire format: what an agent sends and what the collector answers.

In: nothing. Out: the structs that both sides encode and decode. Never: storage, transport, policy decisions.
Times named `*_ms` are Unix epoch milliseconds, UTC. Unknown fields are ignored, except in a policy;
wrong types are refused.
"""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from planwhy_shared import limits

State = Literal["active", "idle", "locked", "asleep", "private", "off"]
Track = Literal["focus", "open"]
TitleRule = Literal["keep", "mask", "drop"]
AddressRule = Literal["path", "host", "drop"]
RuleMatch = Literal["host", "only_host", "program"]

Ms = Annotated[int, Meta(ge=0, le=limits.MAX_MS)]
Seq = Annotated[int, Meta(ge=0, le=2**53 - 1)]
App = Annotated[str, Meta(max_length=limits.APP_CHARS)]
Title = Annotated[str, Meta(max_length=limits.TITLE_CHARS)]
Url = Annotated[str, Meta(max_length=limits.URL_CHARS)]
Slug = Annotated[str, Meta(min_length=1, max_length=64)]
Key = Annotated[str, Meta(min_length=1, max_length=limits.EPOCH_CHARS)]
Name = Annotated[str, Meta(max_length=255)]
Count = Annotated[int, Meta(ge=1, le=limits.OPEN_COUNT)]
RuleValue = Annotated[str, Meta(min_length=1, max_length=255)]


class Span(Struct, frozen=True, omit_defaults=True):
    """A stretch of time with one state and one context.

    Spans of the track `focus` of one device neither overlap nor leave a hole while the agent runs. A span of
    the track `open` says that a program or a site was open without having the focus; it never counts as time
    spent. `mark` names what was unusual, such as `clock_jump` for a span cut because the clock was set. `count`
    belongs to the track `open`: the most windows of the program, or tabs of the site, that were open at once; 1
    where it is not known.
    """

    seq: Seq
    start_ms: Ms
    end_ms: Ms
    state: State
    app: App | None = None
    title: Title | None = None
    url: Url | None = None
    source: Slug | None = None
    track: Track = "focus"
    mark: Slug | None = None
    count: Count = 1


class Gap(Struct, frozen=True, omit_defaults=True):
    """Spans that were recorded but can never arrive: how many, from when to when, and why.

    `first_seq` and `last_seq` are given where the lost spans are consecutive, so that they do not count as
    still to come.
    """

    from_ms: Ms
    to_ms: Ms
    count: Annotated[int, Meta(ge=0, le=2**53 - 1)]
    reason: Slug
    first_seq: Seq | None = None
    last_seq: Seq | None = None


class Batch(Struct, frozen=True, omit_defaults=True):
    """Spans of one epoch (one spool file) of one device. `batch_id` never names two different contents."""

    schema: Literal[1]
    batch_id: Key
    epoch: Key
    sent_ms: Ms
    spans: Annotated[tuple[Span, ...], Meta(max_length=limits.BATCH_SPANS)]
    gaps: Annotated[tuple[Gap, ...], Meta(max_length=limits.GAPS)] = ()


class Rejected(Struct, frozen=True):
    """One span that was not stored, with a slug and a sentence; its neighbours were stored."""

    seq: int | None
    error: str
    detail: str


class Receipt(Struct, frozen=True, omit_defaults=True):
    """Sent only after the batch is committed.

    `accepted + duplicates + len(rejected)` is the number of spans sent. `durable_through` is the last sequence
    number up to which nothing is missing since the first span received of this epoch. `duplicate` says that
    this very batch had been received before. `ignored_fields` counts unknown fields.
    """

    batch_id: str
    accepted: int
    duplicates: int
    rejected: tuple[Rejected, ...]
    durable_through: int
    policy_version: str
    duplicate: bool = False
    ignored_fields: int = 0


class Failure(Struct, frozen=True):
    """Every answer that is not a success. `retryable` decides whether the sender keeps trying."""

    error: str
    detail: str
    retryable: bool
    request_id: str


class Notice(Struct, frozen=True):
    """What the person is told about the recording, in words. Nothing is recorded before it is acknowledged."""

    version: str
    text: str


class HostTitles(Struct, frozen=True, forbid_unknown_fields=True):
    """What to keep of titles while a host (`host`: its subdomains too, `only_host`: not) or a program is in front."""

    match: RuleMatch
    value: RuleValue
    titles: TitleRule


class AddressLimit(Struct, frozen=True, forbid_unknown_fields=True):
    """What to keep of addresses of a host, matched as in HostTitles, or of those seen in a program.

    `path`: host and path, `host`: the host alone, `drop`: nothing. Of a host's and a program's rule the stricter holds.
    """

    match: RuleMatch
    value: RuleValue
    keeps: AddressRule


class Policy(Struct, frozen=True, forbid_unknown_fields=True):
    """What an agent records and how often it sends. Kept by the agent while the collector cannot be reached.

    `working_hours` and `time_zone` bound the recording: the coming seven days, `-` where all are free (see `hours`);
    `path_hosts` are the hosts, with their subdomains, whose addresses keep the path; of all others only the host is
    kept, unless `address_rules` say otherwise. The longest suffix decides. `mask_patterns` (RE2, see `patterns`) are
    regular expressions whose matches become `***` in titles and paths.

    An agent refuses a policy with a field that it does not know: it could be a restriction. Therefore every field
    that is added is UNSET, and so not sent, as long as it says nothing.
    """

    version: str
    notice_version: str
    working_hours: str
    time_zone: str
    idle_after_s: Annotated[int, Meta(ge=15, le=3600)] = 180
    upload_interval_s: Annotated[int, Meta(ge=5, le=3600)] = 60
    titles: TitleRule = "keep"
    title_rules: Annotated[tuple[HostTitles, ...], Meta(max_length=limits.POLICY_RULES)] = ()
    path_hosts: Annotated[tuple[RuleValue, ...], Meta(max_length=limits.POLICY_RULES)] = ()
    mask_patterns: Annotated[tuple[str, ...], Meta(max_length=limits.MASK_PATTERNS)] = ()
    address_rules: Annotated[tuple[AddressLimit, ...], Meta(max_length=limits.POLICY_RULES)] | UnsetType = UNSET


class ToldLook(Struct, frozen=True):
    """Somebody looked at the person's detail: when, who, as what, for which purpose (slugs). Never what was typed.

    `name` and `role` are empty where the one who looked is no longer known.
    """

    at_ms: Ms
    name: Name
    role: Annotated[str, Meta(max_length=64)]
    purpose: Annotated[str, Meta(max_length=64)]


class PolicyAnswer(Struct, frozen=True):
    """`GET /api/v1/agent/policy`: the policy, the notice it names, and who looked at the person's detail lately.

    `looks` are those of the last 30 days, the newest first, at most 20.
    """

    policy: Policy
    notice: Notice
    looks: tuple[ToldLook, ...] = ()


class EnrolRequest(Struct, frozen=True):
    """A one-off code turned into a device. The same `instance_id` with the same code may be sent again."""

    code: Annotated[str, Meta(min_length=1, max_length=64)]
    hostname: Name
    os: Name
    os_user: Name
    agent_version: Name
    instance_id: Key


class EnrolledEmployee(Struct, frozen=True):
    """The person whose device it is, as the collector names them."""

    id: str
    name: str


class EnrolAnswer(Struct, frozen=True):
    """The device's identity. The token is shown once and stored by the collector only as a hash."""

    device_id: str
    token: str
    employee: EnrolledEmployee
    notice: Notice
    policy: Policy
