"""The errors that a person can cause or meet at the agent. Each has a slug that the README explains."""


class AgentError(Exception):
    """The base. `slug` is stable, `detail` is for people and never holds a title, an address or a token."""

    slug = "error"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class ConfigError(AgentError):
    """A setting is unknown, of the wrong type, or out of range: the start stops and names it."""

    slug = "config"


class AlreadyRunning(AgentError):
    """Another agent of this user records already."""

    slug = "already_running"


class NotEnrolled(AgentError):
    """This machine has no device token yet."""

    slug = "not_enrolled"


class EnrolRefused(AgentError):
    """The collector did not accept the code."""

    slug = "enrol_refused"


class PolicyInvalid(AgentError):
    """The collector's policy cannot be understood here, as a whole: the last good one stays in force."""

    slug = "policy_invalid"


class Unreachable(AgentError):
    """The collector did not answer in time, or not at all; temporary."""

    slug = "unreachable"


class ExtensionKeyRefused(AgentError):
    """The key to pack the extension with is none, or is not to be used like this."""

    slug = "extension_key"


class SpoolFull(AgentError):
    """The disk holds no more; temporary. What could not be written stays in memory."""

    slug = "disk_full"


class SpoolBroken(AgentError):
    """The spool file is damaged beyond reading; it is moved aside and a new one begins."""

    slug = "spool_lost"


class NoDisplay(AgentError):
    """There is no desktop that could be watched."""

    slug = "no_display"


class NoWindow(AgentError):
    """There is nothing on this desktop that opens a window with a text."""

    slug = "no_window"


class NotRunning(AgentError):
    """The agent does not run, and what was asked for needs it."""

    slug = "not_running"
