"""Settings are strict and loud: whatever is unknown, wrong or out of range stops the start and is named."""

from pathlib import Path

import pytest
from planwhy_collector.config import ABOUT, Settings, load_settings, shown
from planwhy_collector.errors import ConfigError


def test_environment_stands_over_the_file_and_the_file_over_defaults(tmp_path: Path) -> None:
    file = tmp_path / "planwhy.toml"
    file.write_text('port = 9000\nhost = "::1"\nmiss_share = 0.2\n', encoding="utf-8")
    settings = load_settings({"PLANWHY_PORT": "9001", "PATH": "/bin", "PLANWHY_AGENT_IDLE": "5"}, file)
    assert (settings.port, settings.host, settings.miss_share) == (9001, "::1", 0.2)
    assert settings.workers == 1


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"PLANWHY_PROT": "1"}, "PLANWHY_PROT"),
        ({"PLANWHY_PORT": "many"}, "port"),
        ({"PLANWHY_PORT": "0"}, "port"),
        ({"PLANWHY_MISS_SHARE": "1.5"}, "miss_share"),
        ({"PLANWHY_DEFAULT_LOCALE": "de"}, "default_locale"),
        ({"PLANWHY_CRM_URL": "http://acme.bitrix24.ru"}, "crm_url"),
        ({"PLANWHY_SMTP_SECURITY": "ssl"}, "smtp_security"),
        ({"PLANWHY_DIGEST_HOUR": "24"}, "digest_hour"),
        ({"PLANWHY_SECRET_KEY_FILE": "/nowhere/key"}, "PLANWHY_SECRET_KEY_FILE"),
    ],
)
def test_a_wrong_setting_is_named(environment: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        load_settings(environment)


@pytest.mark.parametrize(
    ("text", "named"),
    [("prot = 1", "prot"), ('port = "x"', "port"), ("port = ", "planwhy.toml"), ("[port]\nx = 1", "port")],
)
def test_a_wrong_file_is_named(tmp_path: Path, text: str, named: str) -> None:
    file = tmp_path / "planwhy.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=named):
        load_settings({}, file)


def test_a_secret_comes_from_its_file_and_is_never_shown(tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text("s3cret\n", encoding="utf-8")
    environment = {
        "PLANWHY_SECRET_KEY_FILE": str(secret),
        "PLANWHY_SMTP_PASSWORD_FILE": str(secret),
        "PLANWHY_DATABASE_URL": "postgresql://planwhy:pass@word@db/planwhy",
    }
    settings = load_settings(environment)
    assert settings.secret_key == settings.smtp_password == "s3cret"
    assert not [v for v in shown(settings).values() if "s3cret" in str(v) or "pass" in str(v) or "word" in str(v)]


def test_every_setting_says_what_it_means() -> None:
    assert set(ABOUT) == set(Settings.__struct_fields__)
