"""Addresses of cards in the CRM. In: the CRM's address, an entity. Out: an https address, or None. Never: a request.

The paths are those of Bitrix24 (which also runs under any name of its own), and of amoCRM where the host says so.
"""

from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from planwhy_collector.facts import EntityRef

_AMO_HOSTS = ("amocrm.ru", "amocrm.com", "kommo.com")
_AMO: Mapping[str, str] = {"deal": "/leads/detail/{id}", "client": "/companies/detail/{id}"}
_BITRIX: Mapping[str, str] = {
    "deal": "/crm/deal/details/{id}/",
    "lead": "/crm/lead/details/{id}/",
    "client": "/crm/company/details/{id}/",
    "task": "/company/personal/user/0/tasks/task/view/{id}/",
}


def card_address(crm_url: str, entity: EntityRef) -> str | None:
    """The address of an entity's card; None without a CRM, over plain HTTP, or where the CRM has no such card."""
    if not crm_url.startswith("https://"):
        return None
    host = urlsplit(crm_url).hostname or ""
    paths = _AMO if any(host == amo or host.endswith(f".{amo}") for amo in _AMO_HOSTS) else _BITRIX
    path = paths.get(entity.type)
    return crm_url.rstrip("/") + path.format(id=quote(entity.id, safe="")) if path else None
