"""What a wallet allows the venue's contracts: GET /v2/approvals of the Data API. Source: polymarket-client 0.14.0, relayer.approvals"""

from eth_utils.address import is_hex_address, to_checksum_address
from starlette.requests import Request
from starlette.routing import Route

from sandbox.exchange.contracts import CHAIN_ID, OPERATORS, PUSD, SPENDERS
from sandbox.exchange.exchange import Exchange
from sandbox.exchange.ledger import UNLIMITED, Account
from sandbox.exchange.refusals import Refusal
from sandbox.exchange.requests import Doors
from sandbox.wire import Json


def approval_routes(exchange: Exchange) -> list[Route]:
    def answer(request: Request, _: bytes) -> Json:
        user = request.query_params.get("user", "")
        if not is_hex_address(user):
            raise Refusal("user must be an address")
        return {"data": _rows(exchange.ledger.account(str(to_checksum_address(user))))}

    return [Doors(exchange).public("GET", "/v2/approvals", answer)]


def _rows(account: Account) -> Json:
    dollars = [_row("ERC20", PUSD, spender, account.allowance(PUSD, spender)) for spender in SPENDERS]
    shares = [_row("ERC1155", contract, operator, account.allowance(contract, operator)) for contract, operator in OPERATORS]
    return {"address": account.address.lower(), "chain_id": CHAIN_ID, "contracts": dollars + shares}


def _row(standard: str, token: str, spender: str, allowed: int) -> Json:
    amount = {"amount": "max" if allowed == UNLIMITED else str(allowed)} if standard == "ERC20" else {}
    return {"standard": standard, "token": token, "spender": spender, "approved": allowed > 0, **amount}
