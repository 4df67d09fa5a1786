"""What the inbox answers, and its description of itself."""

from http import HTTPStatus
from typing import Any, Literal

from pydantic import BaseModel, Field

from adapters.inbox.posted_intents import PostedIntent


class Accepted(BaseModel):
    """The intent is stored: no crash of ours can lose it."""

    status: Literal["stored"] = "stored"
    intent_id: str
    sequence: int = Field(description="Its number among all intents that arrived here")


class Stored(BaseModel):
    """All of the delivery is stored. What is sent again is stored once; what is no transaction is set aside."""

    stored: int
    duplicates: int
    set_aside: int


class Wrong(BaseModel):
    """`field` is empty where the whole body is meant."""

    field: str
    reason: str


class Problem(BaseModel):
    """Why the request went no further."""

    error: str
    faults: list[Wrong] = []


class Duplicate(BaseModel):
    """An intent of this id is stored already, and nothing was changed."""

    error: str
    intent_id: str
    same: bool = Field(description="Whether it says the very same; if not, it is another intent under a used name")


class Health(BaseModel):
    """Whether what is posted now would be stored."""

    status: Literal["ok", "store away"]


SAYS = {
    HTTPStatus.UNAUTHORIZED: "No or another secret in Authorization",
    HTTPStatus.REQUEST_TIMEOUT: "The body did not come in time",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is too large; no more of it is read",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "Not application/json, or packed",
    HTTPStatus.UNPROCESSABLE_ENTITY: "It breaks its contract: every field and reason. A copy is kept",
    HTTPStatus.TOO_MANY_REQUESTS: "More than this sender's allowance: wait as long as Retry-After says",
    HTTPStatus.SERVICE_UNAVAILABLE: "The store is away: it may not be stored. Send it again, which is safe",
}
BEARER = {"type": "http", "scheme": "bearer", "description": "The secret of the inbox"}
ECHOED = {
    "type": "apiKey",
    "in": "header",
    "name": "Authorization",
    "description": "The authHeader of the webhook, alone or as a bearer's token",
}


def refusals() -> dict[int | str, dict[str, Any]]:
    """The answers both doors have."""
    return {status.value: {"model": Problem, "description": says} for status, says in SAYS.items()}


def asked(schema: dict[str, Any], secret: str) -> dict[str, Any]:
    """What a request must bring, which is read by hand and not by FastAPI: the limit holds before a byte of it is read."""
    return {
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "security": [{secret: []}],
    }


def with_schemas(description: dict[str, Any]) -> dict[str, Any]:
    """The whole description, with what only the bodies that are read by hand use."""
    schema = PostedIntent.model_json_schema(ref_template="#/components/schemas/{model}")
    parts = description.setdefault("components", {})
    parts.setdefault("schemas", {}).update(schema.pop("$defs", {}), TradeIntent=schema)
    parts["securitySchemes"] = {"sender": BEARER, "webhook": ECHOED}
    return description


INTENT = {"$ref": "#/components/schemas/TradeIntent"}
TRANSACTIONS = {
    "type": "array",
    "items": {
        "type": "object",
        "description": "A transaction, enhanced or raw. One that does not name its signature is set aside",
        "properties": {"signature": {"type": "string", "pattern": "^[1-9A-HJ-NP-Za-km-z]{64,88}$"}},
        "required": ["signature"],
        "additionalProperties": True,
    },
}
