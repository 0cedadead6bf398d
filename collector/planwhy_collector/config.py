"""Settings: environment `PLANWHY_*` over `planwhy.toml` over defaults. Strict and loud: an unknown key stops the start.

In: an environment mapping and the path of a TOML file. Out: one frozen Settings. Secrets may come from files:
`PLANWHY_X_FILE` names the file that holds X.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
import platformdirs
from msgspec import Meta, Struct

from planwhy_collector.errors import ConfigError

PREFIX = "PLANWHY_"
SECRET = frozenset({"database_url", "secret_key", "metrics_token", "smtp_password"})
_NOT_SETTINGS = frozenset({"config", "run_scheduler", "test_database_url"})
"""Names with the prefix that are not settings of the collector. `PLANWHY_AGENT_*` belongs to the agent."""


def default_database_url() -> str:
    """The embedded database: a SQLite file in the platform's data directory."""
    return f"sqlite:///{Path(platformdirs.user_data_dir('planwhy', appauthor=False)) / 'planwhy.sqlite3'}"


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """All settings of the collector. Each is described in the README's table of settings."""

    database_url: str = msgspec.field(default_factory=default_database_url)
    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65535)] = 8100
    public_url: str = ""
    workers: Annotated[int, Meta(ge=1, le=64)] = 1
    ingest_pool: Annotated[int, Meta(ge=1, le=256)] = 8
    report_pool: Annotated[int, Meta(ge=1, le=256)] = 8
    pool_wait_s: Annotated[float, Meta(gt=0, le=60)] = 5.0
    stop_s: Annotated[int, Meta(ge=3, le=300)] = 20
    tls_certificate: str = ""
    tls_key: str = ""
    secret_key: str = ""
    default_locale: Annotated[str, Meta(pattern="^(ru|en)$")] = "ru"
    detail_days: Annotated[int, Meta(ge=1, le=90)] = 14
    title_days: Annotated[int, Meta(ge=1, le=400)] = 30
    span_months: Annotated[int, Meta(ge=1, le=120)] = 13
    coverage_limit: Annotated[float, Meta(ge=0, le=1)] = 0.6
    miss_share: Annotated[float, Meta(ge=0, le=1)] = 0.1
    miss_overdue_tasks: Annotated[int, Meta(ge=1)] = 3
    miss_overdue_hours: Annotated[float, Meta(ge=0)] = 8.0
    pace_share: Annotated[float, Meta(ge=0, le=1)] = 0.7
    pace_after: Annotated[float, Meta(ge=0, le=1)] = 1 / 3
    case_months: Annotated[int, Meta(ge=1, le=120)] = 36
    usual_effort_minutes: Annotated[float, Meta(gt=0)] = 20.0
    client_cap: Annotated[float, Meta(ge=1)] = 25.0
    pay_visible_to_supervisor: bool = True
    erasures_path: str = ""
    rules_path: str = ""
    embedding_model: str = ""
    crm_hosts: str = "bitrix24.ru,bitrix24.com,bitrix24.by,bitrix24.kz,amocrm.ru,amocrm.com,kommo.com"
    crm_url: Annotated[str, Meta(pattern=r"^(https://[^\s\"'<>]+)?$")] = ""
    deadline_moves: Annotated[int, Meta(ge=1)] = 3
    smtp_host: str = ""
    smtp_port: Annotated[int, Meta(ge=1, le=65535)] = 587
    smtp_security: Annotated[str, Meta(pattern="^(none|starttls|tls)$")] = "starttls"
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_ca_file: str = ""
    smtp_timeout_s: Annotated[float, Meta(gt=0, le=300)] = 20.0
    mail_from: str = ""
    digest_hour: Annotated[int, Meta(ge=0, le=23)] = 8
    device_rate_per_minute: Annotated[int, Meta(ge=1)] = 6000
    log_level: Annotated[str, Meta(pattern="^(debug|info|warning|error)$")] = "info"
    log_format: Annotated[str, Meta(pattern="^(auto|json|text)$")] = "auto"
    metrics_token: str = ""
    metrics_address: Annotated[str, Meta(pattern=r"^((\[[0-9A-Fa-f:]+\]|[^:\s\[\]]+):[0-9]{1,5})?$")] = ""


ABOUT: dict[str, str] = {
    "database_url": "Database address in SQLAlchemy's form; a SQLite file in the platform's data directory by default",
    "host": "Address to listen on; only this machine by default",
    "port": "Port to listen on",
    "public_url": "Address under which people and agents reach the collector, for links; empty: host and port",
    "workers": "Server processes; more than one needs PostgreSQL to be of use",
    "ingest_pool": "Requests of agents that each process serves at once, with as many connections to the database",
    "report_pool": "The same for pages, the reading API and reports",
    "pool_wait_s": "Seconds that a request waits for its turn, and for a connection, before it is told to come again",
    "stop_s": "Seconds that requests and jobs at work have to end once the collector is asked to stop",
    "tls_certificate": "PEM file of the server's certificate; together with the key it turns TLS on",
    "tls_key": "PEM file (PKCS#8) of the certificate's key",
    "secret_key": "Key that signs cookies; made once and kept in the database by default",
    "default_locale": "Language of pages for whoever has not chosen one: `ru` or `en`",
    "detail_days": "Days for which an open case opens a person's detail to the supervisor",
    "title_days": "Days after which window titles are erased",
    "span_months": "Months after which spans are deleted; totals stay",
    "coverage_limit": "Share of working time that must be recorded before time factors are given",
    "miss_share": "Share of the target that must be missed before a case opens by itself",
    "miss_overdue_tasks": "Overdue tasks that, with a missed plan, open a case",
    "miss_overdue_hours": "Overdue working hours that, with a missed plan, open a case",
    "pace_share": "Pace of a running plan below which, with overdue tasks, a case opens within the period",
    "pace_after": "Share of a running plan's working hours that must have passed before its pace opens a case",
    "case_months": "Months that a case stays after its period, with its history and comments, and a decided objection",
    "usual_effort_minutes": "Effort of a task whose type has no history",
    "client_cap": "Clients in care above which a plan from workload warns",
    "pay_visible_to_supervisor": "Whether supervisors see what a month brings their people; else only the person does",
    "erasures_path": "File that remembers erased people across a restore; empty: `erasures.jsonl` beside the embedded "
    "database, else in the platform's data directory",
    "rules_path": "File with own rules, for `planwhy rules` where none is named; `rules apply` puts them in force",
    "embedding_model": "Folder of a sentence embedding (model2vec) that suggestions may use; empty: they do without",
    "crm_hosts": "Hosts (and their subdomains) of the CRM, comma-separated: only their addresses keep the path",
    "crm_url": "Address of the CRM (https), so that deals, clients and tasks link to their cards; empty: no links",
    "deadline_moves": "How often a task's deadline must be moved later before it is listed",
    "smtp_host": "Mail server that takes the daily digests; empty: no mail is sent",
    "smtp_port": "Port of the mail server",
    "smtp_security": "`starttls`, `tls`, or `none` for a server on this machine; certificates are always verified",
    "smtp_user": "Account at the mail server; empty: no sign-in",
    "smtp_password": "Password of that account",
    "smtp_ca_file": "Certificates (PEM) to trust for the mail server instead of the system's",
    "smtp_timeout_s": "Seconds to wait for the mail server",
    "mail_from": "Address that mails come from; needed where there is a mail server",
    "digest_hour": "Hour of a working day from which the digest is sent, in the reader's time zone",
    "device_rate_per_minute": "Requests a minute that one device may send before it is asked to wait",
    "log_level": "Least level written to the log: `debug`, `info`, `warning`, `error`",
    "log_format": "Lines of the log: `json`, `text` for people, or `auto`: text on a terminal, JSON everywhere else",
    "metrics_token": "Opens `/metrics` to whoever sends it as Bearer token; empty: there is no such page on the port",
    "metrics_address": "Own address (`host:port`) that serves `/metrics` without a token; empty: none",
}
"""What each setting means, for the README's table and for `planwhy config show`."""


def load_settings(environment: Mapping[str, str], path: Path | None = None) -> Settings:
    """Read the settings in force. Raises ConfigError that names the key, its source and what was expected."""
    values: dict[str, Any] = {}
    if path is not None:
        values.update(_from_file(path))
    values.update(_from_environment(environment))
    try:
        return msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise ConfigError(f"settings: {error}") from None


def shown(settings: Settings) -> dict[str, Any]:
    """The settings in force with secrets masked, for people."""
    values = msgspec.structs.asdict(settings)
    return {
        k: "***" if k in SECRET and v and k != "database_url" else _without_password(k, v) for k, v in values.items()
    }


def _from_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from None


def _from_environment(environment: Mapping[str, str]) -> dict[str, str]:
    values: dict[str, str] = {}
    known = set(Settings.__struct_fields__)
    for key, value in environment.items():
        if not key.startswith(PREFIX) or key.startswith(f"{PREFIX}AGENT_"):
            continue
        name = key.removeprefix(PREFIX).lower()
        if name in _NOT_SETTINGS:
            continue
        if name not in known and name.endswith("_file") and name.removesuffix("_file") in known:
            name, value = name.removesuffix("_file"), _secret_file(key, value)  # noqa: PLW2901  read in place
        if name not in known:
            raise ConfigError(f"{key}: there is no such setting")
        values[name] = value
    return values


def _secret_file(key: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{key}: {error}") from None


def _without_password(key: str, value: Any) -> Any:
    if key != "database_url" or "@" not in value:
        return value
    scheme, _, rest = value.partition("://")
    return f"{scheme}://***@{rest.rpartition('@')[2]}"
