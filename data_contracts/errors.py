"""The three ways the outside world says no. A no of ours is not an error: it is a Reason."""


class WalletflowError(Exception):
    """Something outside went wrong; the message says what and how to go on."""


class Unavailable(WalletflowError):
    """It did not answer, or not now: try again."""


class Refused(WalletflowError):
    """It said no to this one: go on with the next."""


class Impossible(Refused):
    """Rightly asked, and it cannot be as things stand: nothing of it is on record, a person forbade it, somebody is there already."""


class Unsafe(WalletflowError):
    """Going on could cost money or truth: halt and call the operator."""
