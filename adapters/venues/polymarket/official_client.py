"""polymarket-client 0.14.0 as far as orders need it: it signs, posts and asks. Its private parts are touched here and nowhere else.

Two of its habits are not wanted. It draws salt and time itself, so an order signed again would be another order: they are set
from our order. And it deploys a wallet that is not there when it is made: this one is made without that.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, cast

from polymarket._internal.actions.account import build_list_account_trades_request
from polymarket._internal.actions.orders.market import prepare_market_order_draft_sync, validate_market_order_params
from polymarket._internal.actions.orders.orders import create_signed_order, create_unsigned_order
from polymarket._internal.actions.orders.typed_data import build_order_signature, build_order_typed_data
from polymarket._internal.environment import PRODUCTION_CONFIG, create_environment
from polymarket._internal.streams.clob.user_protocol import UserServerState, build_initial_frame
from polymarket._internal.wallet import signature_type_for, try_classify_wallet_type, wrap_deposit_wallet_signature
from polymarket.auth import RelayerApiKey
from polymarket.clients.secure import SecureClient
from polymarket.environments import Environment
from polymarket.errors import PolymarketError, RateLimitError, RequestRejectedError, TransportError, UnexpectedResponseError, UserInputError
from polymarket.models.clob import AssetType
from polymarket.models.clob.order_response import AcceptedOrder, OrderResponse
from polymarket.models.clob.orders import SignedOrder
from polymarket.types import HexString
from pydantic import SecretStr

from data_contracts import Order, Side
from data_contracts.errors import Refused, Unavailable, Unsafe
from domain.polymarket.amounts import UNITS, Amounts
from domain.polymarket.order_hash import Account, salt_of, timestamp_of
from domain.polymarket.position_ids import IdKind, kind_of
from domain.polymarket.post_answers import PostAnswer, answer_of

TRY_AGAIN = (408, 425, 429)
LAST_PAGE = "LTE="
UNREADABLE = ("unreadable response body", "unexpected HTML response body", "blocked by Cloudflare")


@dataclass(frozen=True, slots=True)
class Places:
    """Where the venue is. None leaves the client's own address, which is the real one."""

    clob_url: str | None = None
    gamma_url: str | None = None
    data_url: str | None = None
    relayer_url: str | None = None
    rpc_url: str | None = None
    clob_user_ws_url: str | None = None

    def environment(self) -> Environment:
        given = {name: value.rstrip("/") for name in self.__slots__ if (value := getattr(self, name))}
        return create_environment(name="walletflow", config=replace(PRODUCTION_CONFIG, **given))

    def user_channel(self) -> str:
        """Raises Unsafe rather than tell the credentials of one exchange to another."""
        if self.clob_user_ws_url is None and self.clob_url is not None and self.clob_url.rstrip("/") != PRODUCTION_CONFIG.clob_url:
            raise Unsafe(f"WALLETFLOW_USER_CHANNEL_URL is not set, and {self.clob_url} is not the venue whose channel would be the default")
        return self.clob_user_ws_url or PRODUCTION_CONFIG.clob_user_ws_url


@dataclass(frozen=True, slots=True)
class Draft:
    """What the client would sign for an order: its own arithmetic, and the tick and exchange it knows from the venue."""

    amounts: Amounts
    exchange: str
    tick_size: Decimal
    signature_type: int
    unsigned: Any


def account_of(wallet: str, signer: str) -> Account:
    """The account by its two addresses: which kind of wallet follows from how it was derived. Raises Unsafe when it was not.

    A wallet that this signer does not own would sign orders the venue refuses one by one ("the order signer address has to be ...").
    """
    try:
        kind = try_classify_wallet_type(signer=signer, wallet=wallet, config=PRODUCTION_CONFIG.wallet_derivation)
    except UserInputError as error:
        raise Unsafe(f"polymarket: {error}") from error
    if kind is None:
        raise Unsafe(
            f"polymarket: the wallet {wallet} does not belong to the key of {signer}: it is neither that address, nor its proxy, "
            "its Safe or its deposit wallet. Compare WALLETFLOW_LIVE_WALLET and WALLETFLOW_LIVE_SIGNER with your profile's addresses"
        )
    return Account(wallet, signer, signature_type_for(kind))


class OfficialClient:
    """One account's client. It is made at the first question: making it logs in."""

    def __init__(self, account: Account, key: SecretStr, places: Places, relayer_key: SecretStr | None = None) -> None:
        self.account = account
        self._key, self._places, self._relayer_key = key, places, relayer_key
        self._made: SecureClient | None = None

    def __repr__(self) -> str:
        return f"OfficialClient({self.account.wallet})"

    @property
    def client(self) -> SecureClient:
        """Logged in. Raises Unavailable, Refused, or Unsafe when the key is not the account's."""
        if self._made is None:
            try:
                made = SecureClient._create(
                    private_key=self._key.get_secret_value(),
                    wallet=self.account.wallet,
                    environment=self._places.environment(),
                    api_key=self._relayer(),
                )
            except UserInputError:  # its text may hold the key
                raise Unsafe("polymarket: WALLETFLOW_LIVE_KEY is no private key: 0x and 64 hex digits") from None
            except PolymarketError as error:
                raise as_our_error(error) from error
            if made.signer.lower() != self.account.signer.lower():
                made.close()
                raise Unsafe(f"polymarket: WALLETFLOW_LIVE_KEY is the key of {made.signer}, not of {self.account.signer}")
            self._made = made
        return self._made

    def forget(self) -> None:
        """The next question logs in anew."""
        if self._made is not None:
            self._made.close()
            self._made = None

    def user_channel(self) -> tuple[str, dict[str, Any]]:
        """Where the account's channel is, and what opens it for all markets. That holds the credentials: it is sent, and nothing else."""
        url = self._places.user_channel()
        return url, build_initial_frame(UserServerState(include_all_markets=True), self.client.credentials)

    def _relayer(self) -> RelayerApiKey | None:
        """Wallets that are contracts act through the venue's relayer, which knows them by a key."""
        return None if self._relayer_key is None else RelayerApiKey(key=self._relayer_key.get_secret_value(), address=self.account.signer)

    def draft(self, order: Order, size: Decimal, anew: bool = False) -> Draft:
        """A fill-and-kill order at our limit: `size` is USD when buying, shares when selling. Raises Refused when the client will not."""
        named, limit = ("amount", "max_price") if order.side is Side.BUY else ("shares", "min_price")
        asked: dict[str, Any] = {named: size, limit: order.limit_price}
        context = self.client._ctx
        try:
            params = validate_market_order_params(asset_id=order.token_id, side=order.side.value, order_type="FAK", **asked)
            if anew:
                context.order_metadata.fetch_current_market(context, token_id=params.asset_id)
            draft = prepare_market_order_draft_sync(context, params)
            tick_size = context.order_metadata.resolve_market(context, token_id=params.asset_id).tick_size
        except UserInputError as error:
            raise Refused(f"polymarket-client: {error}") from error
        except PolymarketError as error:
            raise as_our_error(error) from error
        unsigned = create_unsigned_order(draft, wallet=context.wallet, wallet_type=context.wallet_type)
        unsigned = replace(unsigned, salt=salt_of(order), timestamp=timestamp_of(order))
        amounts = Amounts(unsigned.maker_amount, unsigned.taker_amount)
        return Draft(amounts, str(unsigned.exchange_address), tick_size, unsigned.signature_type, unsigned)

    def signed(self, draft: Draft) -> SignedOrder:
        """Signed as the client signs: the same draft always gives the same signature."""
        context = self.client._ctx
        message = context.signer.sign_typed_data(full_message=build_order_typed_data(draft.unsigned))
        signature = build_order_signature(draft.unsigned, HexString("0x" + message.signature.hex().removeprefix("0x")))
        wrapped = wrap_deposit_wallet_signature(signer=context.signer.address, signer_type=context.signer_type, signature=signature)
        return create_signed_order(draft.unsigned, wrapped)

    def post(self, orders: Sequence[SignedOrder]) -> list[tuple[PostAnswer, float | None]]:
        """What the venue says of each, and after how many seconds it may be asked again. Never raises once something was sent."""
        try:
            answers = self.client.post_orders(orders) if len(orders) > 1 else (self.client.post_order(orders[0]),)
        except PolymarketError as error:
            return [(_failed(error), getattr(error, "retry_after", None))] * len(orders)
        if len(answers) != len(orders):
            return [(answer_of(None, None), None)] * len(orders)
        return [(read_answer(answer), None) for answer in answers]

    def order(self, order_hash: str) -> dict[str, Any] | None:
        """What the venue knows of an order; None when it does not know it."""
        try:
            found = self._get(f"/data/order/{order_hash}", {})
        except Refused as error:
            if "404" in str(error):
                return None
            raise
        return cast("dict[str, Any]", found) if isinstance(found, dict) and found.get("id") else None

    def trades(self, token_id: str | None, after_s: int) -> Iterator[dict[str, Any]]:
        """The account's trades of a token, or of all, since an instant, as the venue tells them."""
        cursor: str | None = None
        while True:
            path, params = build_list_account_trades_request(asset_id=token_id, after=str(after_s), cursor=cursor)
            page = self._get(path, params)
            if not isinstance(page, dict) or not isinstance(page.get("data"), list):
                raise Unavailable(f"polymarket: {path}: an answer of another shape")
            yield from page["data"]
            cursor = page.get("next_cursor")
            if not cursor or cursor == LAST_PAGE:
                return

    def shares(self, token_id: str) -> Decimal:
        """What the wallet has of a token, as the venue sees it after it has looked at the chain again."""
        kind: AssetType = "CONDITIONAL" if kind_of(token_id) is IdKind.CTF else "CONDITIONAL-V2"
        asked: dict[str, str | int] = {"asset_type": kind, "token_id": token_id, "signature_type": self.account.signature_type}
        try:
            self.client._ctx.secure_clob.get_bytes("/balance-allowance/update", params=asked)
            return Decimal(self.client.get_balance_allowance(asset_type=kind, asset_id=token_id).balance) / UNITS
        except PolymarketError as error:
            raise as_our_error(error) from error

    def _get(self, path: str, params: Any) -> Any:
        try:
            return self.client._ctx.secure_clob.get_json(path, params=params)
        except PolymarketError as error:
            raise as_our_error(error) from error


def as_our_error(error: PolymarketError) -> Unavailable | Refused:
    """The client's error in our words: what may be tried again, and what may not."""
    if isinstance(error, RequestRejectedError) and error.status < 500 and error.status not in TRY_AGAIN:
        return Refused(f"polymarket: {error.status} {error}")
    return Unavailable(f"polymarket: {error}")


def read_answer(answer: OrderResponse) -> PostAnswer:
    if isinstance(answer, AcceptedOrder):
        return answer_of(200, {"success": True, "orderID": answer.order_id, "status": answer.status})
    if answer.code == "unmatched":
        return answer_of(200, {"status": "unmatched"})
    return answer_of(200, {"success": False, "errorMsg": answer.message})


def _failed(error: PolymarketError) -> PostAnswer:
    if isinstance(error, RateLimitError):
        return answer_of(429, None)
    if isinstance(error, RequestRejectedError):
        return answer_of(error.status, _body(str(error)))
    if isinstance(error, (TransportError, UnexpectedResponseError)):
        return answer_of(None, None)
    return answer_of(None, {"error": str(error)})


def _body(text: str) -> dict[str, str] | None:
    """The client keeps the error's text only. A text that stands for a body it could not read is none of the venue's."""
    return None if any(part in text for part in UNREADABLE) or text.startswith(("{", "[")) else {"error": text}
