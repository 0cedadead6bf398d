"""The API's description names every route, and what it says of the wire format is what agents send."""

from ingesting import Agents, batch, span
from jsonschema import Draft202012Validator
from planwhy_collector.db import Database
from planwhy_collector.ingest.openapi_routes import MOST_ITEMS, PARAMETERS, REFUSED
from planwhy_collector.web.api.answer import MOST


def test_every_route_of_the_api_is_described(database: Database) -> None:
    agents = Agents(database)
    told = agents.client.get("/api/openapi.json").get_json()
    rules = {r.rule for r in agents.app.url_map.iter_rules() if r.rule.startswith("/api/")}
    assert len(told["paths"]) == len(rules)
    assert all(op["summary"] for path in told["paths"].values() for op in path.values())


def test_every_endpoint_that_more_is_said_of_exists(database: Database) -> None:
    endpoints = {rule.endpoint for rule in Agents(database).app.url_map.iter_rules()}
    assert {*PARAMETERS, *REFUSED} <= endpoints
    assert MOST_ITEMS == MOST


def test_a_batch_and_its_receipt_fit_the_description(database: Database) -> None:
    agents = Agents(database)
    told = agents.client.get("/api/openapi.json").get_json()
    sent = batch("b1", [span(1, state="active", app="xterm", url="http://a.example/")])
    receipt = agents.send(agents.token(), sent).get_json()
    for name, document in (("Batch", sent), ("Receipt", receipt)):
        schema = {"$ref": f"#/components/schemas/{name}", "components": told["components"]}
        Draft202012Validator(schema).validate(document)
    assert told["paths"]["/api/v1/spans"]["post"]["security"]
    assert "security" not in told["paths"]["/api/v1/enrol"]["post"]
