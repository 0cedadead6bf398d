"""The declared policy reaches agents, and asks people again exactly where it keeps more."""

from typing import Any

import msgspec
import pytest
from ingesting import Agents
from planwhy_collector.config import Settings
from planwhy_collector.db import Database
from planwhy_collector.errors import InvalidInput
from planwhy_collector.ingest.recording import apply_recording
from planwhy_collector.queries.devices import devices
from planwhy_shared.wire import PolicyAnswer


@pytest.fixture
def agents(database: Database) -> Agents:
    return Agents(database)


def put(agents: Agents, text: str) -> tuple[str, ...]:
    with agents.database.writing() as session:
        return apply_recording(session, Settings(), text, "policy.toml", "the test", agents.now_ms)


def told(agents: Agents, token: str, **headers: str) -> Any:
    return agents.client.get("/api/v1/agent/policy", headers={"Authorization": f"Bearer {token}"} | headers)


def test_what_is_declared_is_what_agents_are_told(agents: Agents) -> None:
    token = agents.token()
    assert "address_rules" not in told(agents, token).get_json()["policy"]
    put(agents, 'titles = "mask"\npath_hosts = ["wiki.example"]\nmask_patterns = ["ABC-[0-9]+"]\nidle_after_s = 60\n'
        '[[address_rules]]\nonly_host = "hr.example"\nkeeps = "drop"\n')  # fmt: skip
    found = told(agents, token).get_json()["policy"]
    assert (found["titles"], found["mask_patterns"], found["idle_after_s"]) == ("mask", ["ABC-[0-9]+"], 60)
    assert {"wiki.example", "bitrix24.ru"} <= set(found["path_hosts"])
    assert found["address_rules"] == [{"match": "only_host", "value": "hr.example", "keeps": "drop"}]


def test_keeping_less_changes_the_text_of_the_notice_and_keeping_more_its_version_too(agents: Agents) -> None:
    token = agents.token()
    said = [told(agents, token).get_json()["notice"]]
    for text in ('titles = "drop"', 'titles = "mask"', 'titles = "mask"\nidle_after_s = 60'):
        put(agents, text)
        said.append(told(agents, token).get_json()["notice"])
    versions, texts = [one["version"] for one in said], [one["text"] for one in said]
    assert (versions[0] == versions[1], versions[1] == versions[2], versions[2] == versions[3]) == (True, False, True)
    assert texts[0] != texts[1] and "без чисел и имён" in texts[2] and "without numbers and names" in texts[2]


def test_two_policies_of_one_moment_both_stay(agents: Agents) -> None:
    assert put(agents, 'titles = "drop"') == ()
    assert put(agents, 'titles = "keep"') == ("titles",)
    assert told(agents, agents.token()).get_json()["policy"]["titles"] == "keep"


def test_a_machine_that_stays_behind_is_seen_by_the_version_it_has(agents: Agents) -> None:
    token = agents.token()
    first = told(agents, token)
    put(agents, 'titles = "drop"')
    told(agents, token, **{"If-None-Match": first.headers["ETag"]})
    with agents.database.reading() as session:
        tag = devices(session)[0].policy_tag
    assert tag == first.headers["ETag"].strip('"')
    assert str(tag).startswith(first.get_json()["policy"]["version"])


def test_a_team_that_does_not_exist_is_refused_by_name(agents: Agents) -> None:
    with pytest.raises(InvalidInput, match=r"policy\.toml: teams\.Nobody: there is no such team"):
        put(agents, '[teams.Nobody]\ntitles = "drop"')


def test_a_policy_at_its_limits_is_one_that_agents_take(agents: Agents) -> None:
    rules = "".join(f'[[title_rules]]\nhost = "h{n}.ru"\ntitles = "drop"\n' for n in range(1_000))
    hosts = [f"h{n}.example" for n in range(1_000)]
    with pytest.raises(InvalidInput, match="path_hosts"):
        put(agents, f"path_hosts = {hosts}")
    put(agents, f"path_hosts = {hosts[:900]}\nmask_patterns = {['x'] * 30}\n{rules}")
    found = told(agents, agents.token())
    assert len(msgspec.json.decode(found.data, type=PolicyAnswer).policy.title_rules) == 1_000
