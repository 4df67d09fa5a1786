"""The table of decision kinds: what a strategy may be. The judge knows this table and none of its names."""

from collections.abc import Mapping

from data_contracts import Kind
from domain.copying.kinds.kind import DecisionKind
from domain.copying.kinds.mirror import MIRROR
from domain.copying.kinds.owrr import OWRR
from domain.copying.kinds.score import SCORE

KINDS: Mapping[Kind, DecisionKind] = {
    Kind.OWRR: OWRR,
    Kind.MIRROR: MIRROR,
    Kind.SCORE: SCORE,
}
