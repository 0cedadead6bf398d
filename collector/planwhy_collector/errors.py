"""The errors that a user can cause or meet. Each has a slug that the README explains and says if it is temporary."""


class PlanwhyError(Exception):
    """The base. `slug` is stable, `detail` is for people, `retryable` says whether trying again may help."""

    slug = "error"
    status = 500
    retryable = False

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

    @property
    def fault(self) -> str:
        """What is stored with a job's tick: nothing that could hold a title or an address."""
        return self.slug


class InvalidInput(PlanwhyError):
    """Readable, but wrong: names the field, file or limit."""

    slug = "invalid"
    status = 422


class RulesChanged(PlanwhyError):
    """Somebody else has changed the rules since this change was looked at."""

    slug = "rules_changed"
    status = 409


class NotFound(PlanwhyError):
    """There is no such thing, or none that this user may know of."""

    slug = "not_found"
    status = 404


class Forbidden(PlanwhyError):
    """Not for this user."""

    slug = "forbidden"
    status = 403


class PurposeRequired(PlanwhyError):
    """A person's detail opens only through an open case or a grant with a typed reason."""

    slug = "purpose_required"
    status = 403


class NoPlan(PlanwhyError):
    """The person has no plan for this period, so there is nothing to explain."""

    slug = "no_plan"
    status = 404


class ConfigError(PlanwhyError):
    """A setting is unknown, of the wrong type, or out of range: the start stops and names it."""

    slug = "config"


class Unavailable(PlanwhyError):
    """Something needed is away for now."""

    slug = "unavailable"
    status = 503
    retryable = True


class MailRefused(PlanwhyError):
    """The mail server takes no mail for this address, or not this mail; permanent."""

    slug = "mail_refused"


class MailDelayed(PlanwhyError):
    """The mail server does not take a mail now; temporary."""

    slug = "mail_delayed"
    retryable = True


class MailStopped(PlanwhyError):
    """The mail server cannot be reached, or takes nothing from this collector; temporary, and alike for every mail."""

    slug = "mail_stopped"
    retryable = True


class MailsFailed(PlanwhyError):
    """Some mails of a tick could not be sent; the detail counts them."""

    slug = "mails_failed"
    retryable = True

    @property
    def fault(self) -> str:
        """The slug with the counts."""
        return f"{self.slug}: {self.detail}"
