"""The inbox: what is posted is stored before we say that we have it. One process; whoever judges reads the rows, and never this."""

import asyncio
import json
import logging
import time
from collections import Counter as Counts
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from adapters.inbox.answers import INTENT, TRANSACTIONS, Accepted, Duplicate, Health, Problem, Stored, asked, refusals, with_schemas
from adapters.inbox.faults import Fault, Unacceptable, set_aside
from adapters.inbox.group_commit import GroupCommit
from adapters.inbox.metrics import in_prometheus_words
from adapters.inbox.posted_intents import intent_in
from adapters.inbox.posted_transactions import HELIUS, transactions_in
from adapters.inbox.request_body import TurnedAway, body_of
from adapters.inbox.senders import Allowance, Secret, SenderNumbers
from adapters.inbox.strict_json import Malformed, parse
from adapters.stores.results import Results, Write
from data_contracts import Counter, Delivery, Entrance, Quarantined, TradeIntent
from data_contracts.errors import WalletflowError
from domain.copying.sender_numbers import in_words

KIB = 1024
log = logging.getLogger("walletflow.inbox")
AGAIN_S = 1.0  # when the store was away
HEALTH_FOR_S = 1.0  # an answer is good for so long: to be asked often must not cost the store anything


@dataclass(frozen=True, slots=True)
class Limits:
    """What a sender may post."""

    intent_bytes: int = 64 * KIB
    webhook_bytes: int = 2 * KIB * KIB
    per_s: float = 1_000
    at_once: float = 1_000
    strangers_per_s: float = 5  # answers to those without the secret, each address


class Inbox:
    """What the doors share."""

    def __init__(self, results: Results, sender: Secret, webhook: Secret, limits: Limits) -> None:
        self.results, self.sender, self.webhook, self.limits = results, sender, webhook, limits
        self.allowances = {secret: Allowance(limits.per_s, limits.at_once) for secret in (sender, webhook)}
        self.strangers = Allowance(limits.strangers_per_s, 2 * limits.strangers_per_s)
        self.intents = GroupCommit[TradeIntent](results.receive)
        self.deliveries = GroupCommit[Delivery](results.receive)
        self.aside = GroupCommit[Quarantined](self._keep)
        self.answers = Counts[tuple[str, int]]()  # by door and status, since this process began
        self.faults = Counts[str]()
        self.numbers = SenderNumbers()
        self._asked_s, self._is_well = float("-inf"), False

    def let_in(self, scope: Scope, secret: Secret) -> None:
        """Raises TurnedAway: 401 for a stranger, 429 for whoever comes too often."""
        sender, now_s = scope["client"][0] if scope.get("client") else "", time.monotonic()
        if not secret.opens(scope["headers"]):
            if wait_s := self.strangers.wait_s(sender, now_s):
                raise TurnedAway(HTTPStatus.TOO_MANY_REQUESTS, "too often without the secret", wait_s=wait_s)
            raise TurnedAway(HTTPStatus.UNAUTHORIZED, "Authorization does not hold the secret")
        if wait_s := self.allowances[secret].wait_s(sender, now_s):
            raise TurnedAway(HTTPStatus.TOO_MANY_REQUESTS, f"more than {self.limits.per_s:g} a second", wait_s=wait_s)

    def note_number(self, intent: TradeIntent) -> None:
        """A sender that numbers what it sends is held to it."""
        said = json.loads(intent.metadata)
        if "sequence" in said and (left_out := self.numbers.note(said.get("sender", ""), said["sequence"])):
            gap = in_words([(left_out[0], left_out[-1])])
            log.warning("%s: %s did not come, %s did", said.get("sender", "a sender without a name"), gap, said["sequence"])

    async def keep_bad(self, body: bytes, row_class: type, source: str, faults: Sequence[Fault]) -> None:
        """A copy of what breaks its contract."""
        self.faults.update(fault.field.partition("[")[0] or "body" for fault in faults)
        await self.aside.put([set_aside(body, row_class, source, faults, datetime.now(UTC))])

    async def refuse(self, body: bytes, row_class: type, source: str, faults: Sequence[Fault]) -> TurnedAway:
        """The answer to what breaks its contract, when its copy is kept."""
        await self.keep_bad(body, row_class, source, faults)
        return TurnedAway(HTTPStatus.UNPROCESSABLE_ENTITY, "it breaks its contract", faults)

    async def is_well(self) -> bool:
        """Whether the store answers."""
        now_s = time.monotonic()
        if now_s - self._asked_s > HEALTH_FOR_S:
            self._asked_s = now_s
            try:
                await asyncio.wait_for(asyncio.to_thread(self.results.rows, Counter), 2)
                self._is_well = True
            except (WalletflowError, TimeoutError):
                self._is_well = False
        return self._is_well

    def _keep(self, rows: Sequence[Quarantined]) -> list[Quarantined]:
        self.results.write([Write(Quarantined, rows)])
        return list(rows)


Take = Callable[[Request], Awaitable[Response]]


class Application(FastAPI):
    """FastAPI describes the doors, and answers all else. A request at a door goes straight to its function.

    Through FastAPI's layers the way there took longer than all that is done with an intent.
    """

    def __init__(self, answers: Counts[tuple[str, int]], **named: Any) -> None:
        super().__init__(title="Walletflow inbox", version="1", description=__doc__, openapi_url=None, **named)
        self._doors, self._answers = dict[str, Take](), answers

    def add_door(self, path: str, take: Take, **described: Any) -> None:
        """A function that is given what is posted there, and its description."""
        self.post(path, **described)(take)
        self._doors[path] = take

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        take = self._doors.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        if take is None:
            await super().__call__(scope, receive, send)
            return
        answer = await _answer_of(take, Request(scope, receive))
        self._answers[scope["path"], answer.status_code] += 1
        await answer(scope, receive, send)


async def _answer_of(take: Take, request: Request) -> Response:
    try:
        return await take(request)
    except TurnedAway as error:
        return await _turn_away(request, error)
    except WalletflowError as error:
        return await _try_again(request, error)


def make_app(results: Results, sender: Secret, webhook: Secret, limits: Limits | None = None) -> Application:
    """The application. It reads no setting and no environment."""
    inbox = Inbox(results, sender, webhook, limits or Limits())
    app = Application(inbox.answers, lifespan=_committing(inbox))
    app.add_exception_handler(TurnedAway, _turn_away)  # type: ignore[arg-type]
    app.add_exception_handler(WalletflowError, _try_again)
    app.add_exception_handler(HTTPException, _unknown_door)  # type: ignore[arg-type]
    _add_doors(app, inbox)
    _add_description(app, inbox)
    return app


def _add_description(app: FastAPI, inbox: Inbox) -> None:
    """For whoever may post: of strangers nobody learns more than that we live."""

    @app.get("/openapi.json", include_in_schema=False)
    async def describe(request: Request) -> JSONResponse:
        inbox.let_in(request.scope, inbox.sender)
        return JSONResponse(description_of(app))

    @app.get("/metrics", include_in_schema=False)
    async def count(request: Request) -> PlainTextResponse:
        inbox.let_in(request.scope, inbox.sender)
        return PlainTextResponse(in_prometheus_words(inbox.answers, inbox.faults, inbox.numbers.missing))


def description_of(app: FastAPI) -> dict[str, Any]:
    """What is posted where, and what is answered."""
    return with_schemas(app.openapi())


def _add_doors(app: Application, inbox: Inbox) -> None:
    duplicate: dict[int | str, dict[str, Any]] = {409: {"model": Duplicate, "description": "An intent of this id is stored already"}}

    async def post_intent(request: Request) -> Response:
        """202 when it is stored. It is judged within seconds, by the same rules as any trade of a leader that is followed."""
        inbox.let_in(request.scope, inbox.sender)
        return await _take_intent(await body_of(request, inbox.limits.intent_bytes), inbox)

    async def post_transactions(request: Request) -> Response:
        """200 when all of it is stored. What each transaction means is read later, from the very text it was sent as."""
        inbox.let_in(request.scope, inbox.webhook)
        return await _take_transactions(await body_of(request, inbox.limits.webhook_bytes), inbox)

    app.add_door(
        "/intents",
        post_intent,
        status_code=202,
        response_model=Accepted,
        responses={**refusals(), **duplicate},
        openapi_extra=asked(INTENT, "sender"),
        summary="Post an intent",
    )
    app.add_door(
        "/webhooks/helius",
        post_transactions,
        response_model=Stored,
        responses=refusals(),
        openapi_extra=asked(TRANSACTIONS, "webhook"),
        summary="Deliver transactions",
    )

    @app.get("/health", responses={503: {"model": Health, "description": "The store is away"}}, summary="Is all well?")
    async def health() -> Health:
        """Needs no secret."""
        if await inbox.is_well():
            return Health(status="ok")
        return JSONResponse(Health(status="store away").model_dump(), 503)  # type: ignore[return-value]


async def _take_intent(body: bytes, inbox: Inbox) -> Response:
    try:
        intent = intent_in(parse(body), Entrance.HTTP, datetime.now(UTC))
    except Malformed as error:
        raise await inbox.refuse(body, TradeIntent, "inbox", [Fault("", str(error))]) from None
    except Unacceptable as error:
        raise await inbox.refuse(body, TradeIntent, "inbox", error.faults) from None
    new = await inbox.intents.put([intent])
    if not new:
        return await _answer_duplicate(intent, inbox)
    inbox.note_number(intent)
    return _said(Accepted(intent_id=intent.intent_id, sequence=new[0].sequence), HTTPStatus.ACCEPTED)


def _said(answer: BaseModel, status: HTTPStatus) -> Response:
    return Response(answer.model_dump_json(), status, media_type="application/json")


async def _answer_duplicate(intent: TradeIntent, inbox: Inbox) -> Response:
    before = await asyncio.to_thread(inbox.results.rows, TradeIntent, intent_id=intent.intent_id)
    same = bool(before) and before[0].digest == intent.digest
    error = "it is stored already" if same else "another intent of this id is stored already: give each a name of its own"
    return _said(Duplicate(error=error, intent_id=intent.intent_id, same=same), HTTPStatus.CONFLICT)


async def _take_transactions(body: bytes, inbox: Inbox) -> Response:
    """One bad transaction must not lose the others: it would be sent again three times, and then never."""
    try:
        posted = transactions_in(body, datetime.now(UTC))
    except Malformed as error:
        raise await inbox.refuse(body, Delivery, HELIUS, [Fault("", str(error))]) from None
    if posted.bad and not posted.rows:
        raise await inbox.refuse(body, Delivery, HELIUS, [fault for _, fault in posted.bad])
    new = await inbox.deliveries.put(posted.rows)
    for text, fault in posted.bad:
        await inbox.keep_bad(text, Delivery, HELIUS, [fault])
    return _said(Stored(stored=len(new), duplicates=len(posted.rows) - len(new), set_aside=len(posted.bad)), HTTPStatus.OK)


async def _turn_away(request: Request, error: TurnedAway) -> JSONResponse:
    faults = [{"field": fault.field, "reason": fault.reason} for fault in error.faults]
    return JSONResponse({"error": error.error, "faults": faults}, error.status, error.headers)


async def _try_again(request: Request, error: Exception) -> JSONResponse:
    """The store's own words stay here: they may name its address."""
    problem = Problem(error="the store is away: it may not be stored; send it again, which is safe")
    return JSONResponse(problem.model_dump(), 503, {"Retry-After": f"{AGAIN_S:.0f}"})


async def _unknown_door(request: Request, error: HTTPException) -> JSONResponse:
    return JSONResponse(Problem(error=str(error.detail)).model_dump(), error.status_code, error.headers)


def _committing(inbox: Inbox) -> Callable[[FastAPI], Any]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        groups: Sequence[GroupCommit[Any]] = (inbox.intents, inbox.deliveries, inbox.aside)
        tasks = [asyncio.create_task(group.run()) for group in groups]
        yield
        for group in groups:
            group.end()
        await asyncio.gather(*tasks)

    return lifespan
