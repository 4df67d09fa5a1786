"""The venue's no, in its own words. Source: https://docs.polymarket.com/resources/error-codes"""

NO_BOOK = "No orderbook exists for the requested token id"
FOK_KILLED = "order couldn't be fully filled. FOK orders are fully filled or killed."
FAK_KILLED = "no orders found to match with FAK order. FAK orders are partially filled or killed if no match is found."
POST_ONLY_CROSSES = "invalid post-only order: order crosses book"
WRONG_SIGNER = "the order signer address has to be the address of the API KEY"
WRONG_OWNER = "the order owner has to be the owner of the API KEY"
WRONG_MAKER = "maker address not allowed, please use the deposit wallet flow"
BAD_KEY = "Unauthorized/Invalid api key"
BAD_LOGIN = "Invalid L1 Request headers"
CANCEL_ONLY = "Trading is currently cancel-only. New orders are not accepted, but cancels are allowed."


class Refusal(Exception):
    """Answered with this status and {"error": words}."""

    def __init__(self, words: str, status: int = 400) -> None:
        super().__init__(words)
        self.words, self.status = words, status
