"""What happened in one simulation, line by line, and a hash of all of it: the same seed tells the same story in every process."""

from dataclasses import dataclass, field
from hashlib import sha256


@dataclass(slots=True)
class Story:
    """Lines in the order in which things happened."""

    lines: list[str] = field(default_factory=list)

    def tell(self, at_s: float, who: str, what: str) -> None:
        """`at_s` is seconds after the simulation began, by the world's own clock."""
        self.lines.append(f"{at_s:9.3f}  {who:<12} {what}")

    @property
    def hash(self) -> str:
        return sha256("\n".join(self.lines).encode()).hexdigest()[:16]
