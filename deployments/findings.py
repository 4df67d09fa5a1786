"""What a check of the doctor's answers: ok, warn or fail, with what it saw and the cure."""

from dataclasses import dataclass

OK, WARN, FAIL = "ok", "warn", "fail"


@dataclass(frozen=True)
class Finding:
    """`cure` is empty where nothing is wrong."""

    verdict: str
    seen: str
    cure: str = ""


@dataclass(frozen=True)
class Limits:
    """Above the first a check warns, above the second it fails."""

    warn: float
    fail: float

    def judge(self, value: float, seen: str, cure: str) -> Finding:
        if value > self.fail:
            return Finding(FAIL, seen, cure)
        return Finding(WARN, seen, cure) if value > self.warn else Finding(OK, seen)
