"""What a node says no with. Source: anza-xyz/agave, rpc-client-api custom_error.rs; docs.rs/jsonrpc-core."""

from sandbox.wire import Json

UNKNOWN_METHOD, INVALID, NO_REQUEST, PARSE = -32_601, -32_602, -32_600, -32_700
NOT_CONFIRMED, UNSUPPORTED_VERSION, SLOT_NOT_REACHED, SKIPPED = -32_004, -32_015, -32_016, -32_007


class NodeError(Exception):
    """Becomes the `error` of an answer."""

    def __init__(self, code: int, message: str, data: Json | None = None) -> None:
        super().__init__(message)
        self.row: Json = {"code": code, "message": message} | ({} if data is None else {"data": data})


def invalid(why: str) -> NodeError:
    return NodeError(INVALID, f"Invalid params: {why}")


def unsupported(version: object) -> NodeError:
    asked = (
        f"Transaction version ({version}) is not supported by the requesting client. "
        f'Please try the request again with the following configuration parameter: "maxSupportedTransactionVersion": {version}'
    )
    return NodeError(UNSUPPORTED_VERSION, asked)
