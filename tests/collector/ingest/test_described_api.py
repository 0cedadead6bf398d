"""The collector as it is shipped does what its own description says, whatever is asked: requests made from it.

`default` describes a refusal that no route has of its own, such as a wrong method.
"""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from raw_http import RawCollector
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = {"agents": 25, "api": 4, "openapi": 1}
"""Requests for each operation, way of making them, and sender."""
WAYS = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


def asking(operation: Any, way: GenerationMode, headers: dict[str, str], seen: set[int]) -> None:
    """Make requests for an operation, right or wrong ones, and check each answer."""
    kind = operation.definition.raw["operationId"].partition(".")[0]

    @settings(
        max_examples=EXAMPLES[kind], derandomize=True, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=way))
    def ask(case: Case) -> None:
        response = case.call(headers=headers)
        seen.add(response.status_code)
        case.validate_response(response, checks=CHECKS)

    ask()


@pytest.mark.slow
@pytest.mark.parametrize("known", [True, False], ids=["a device", "a stranger"])
def test_every_answer_is_described(shipped: RawCollector, known: bool) -> None:
    schema = schemathesis.openapi.from_url(f"{shipped.program.url}/api/openapi.json")
    seen: set[int] = set()
    for found in schema.get_all_operations():
        operation = found.ok()
        headers = {"Authorization": f"Bearer {shipped.device() if known else 'nobody'}"}
        for way in WAYS:
            if way is GenerationMode.POSITIVE or operation.definition.raw.get("parameters") or operation.body:
                asking(operation, way, headers, seen)
    assert seen >= ({200, 401, 422} if known else {401, 422})
    assert max(seen) < 500
