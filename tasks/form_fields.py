"""What a person types into the forms of the Prefect UI: how it must look, with an example. What it means stands in each flow."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

from pydantic import Field

from domain.solana.base58 import ALPHABET

NOT_BLANK = r"\S"
INSTANT = "2026-11-27T12:00:00Z"
OUTCOME = "48331043336612883890938759509493159234755048973500640148014422747788308965732"

AsOf = Annotated[datetime | None, Field(examples=[INSTANT])]
NewStrategyId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,40}$", examples=["mirror-politics"])]
# One that is there may have another name: it must be possible to halt whatever trades.
StrategyId = Annotated[str, Field(pattern=r"^[^\s*](?:.*\S)?$", examples=["mirror"])]
EveryOrOneStrategy = Annotated[str, Field(pattern=r"^(?:\*|[^\s*](?:.*\S)?)$", examples=["mirror", "*"])]
HeldToken = Annotated[str, Field(pattern=NOT_BLANK, examples=[OUTCOME])]
ScoredToken = Annotated[str, Field(pattern=rf"^\s*(?:[0-9]{{1,78}}|[{ALPHABET}]{{32,44}})\s*$", examples=[OUTCOME])]
RecordId = Annotated[str, Field(pattern=r"^\s*[0-9a-fA-F]{6,32}[.…]*\s*$", examples=["3fa85f"])]
Reason = Annotated[str, Field(pattern=NOT_BLANK, examples=["it copies itself, 2026-11-27"])]
AnyReason = Annotated[str, Field(examples=["the venue is under maintenance"])]
PART, DATE = r"0?\.[0-9]*[1-9][0-9]*", r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ]\S+)?"
PartOrDate = Annotated[str, Field(pattern=rf"^\s*(?:{PART}|{DATE})\s*$", examples=["2026-11-03"])]
Recording = Annotated[Path | None, Field(examples=["recordings/2022-11"])]
