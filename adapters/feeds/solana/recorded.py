"""A recording of Solana as a feed: the same questions as any recording's, answered from the files of the formats we know.

Coins are their own markets and never end. The last trade is the book, with its own shares on either side; a purchase or a sale is charged
what the router takes of a young coin.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from pathlib import Path

import polars as pl

from adapters.feeds.recorded import RecordedFeed
from adapters.feeds.recorded_conditions import AS_RECORDED, Conditions
from adapters.feeds.recorded_winners import RefusedMarket
from adapters.feeds.solana import recorded_snipes, recorded_traces
from adapters.feeds.solana.recorded_rows import DECIMALS, RecordedChain
from data_contracts import Instrument, Rate, SolanaToken
from data_contracts.errors import Refused
from data_contracts.frames import empty, frame_of, schema_of
from domain.solana.instruments import Mint, instrument_of

# Each format by the files it has, and whoever reads it.
FORMATS: Mapping[tuple[str, ...], Callable[[Path, str], RecordedChain]] = {
    recorded_snipes.FILES: recorded_snipes.snipes,
    recorded_traces.FILES: recorded_traces.traces,
}
# What a column of another type, or a cell that is not what it is called, makes of our reading.
OTHER_THAN_MEANT = (pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError, KeyError, TypeError, AttributeError)


def is_solana(directory: Path) -> bool:
    """Whether it is a recording of Solana in a format we know."""
    return _reader(directory) is not None


class RecordedSolana(RecordedFeed):
    """A recording of Solana, read once. Raises Refused when the directory holds none."""

    def __init__(self, directory: Path, conditions: Conditions = AS_RECORDED) -> None:
        self._directory, self._conditions = directory, replace(conditions, spread="none")
        self.source = f"recording:{directory.resolve().name}"
        if not is_solana(directory):
            raise Refused(f"{directory} is no recording of Solana: it has none of the files of {len(FORMATS)} known formats")

    @cached_property
    def chain(self) -> RecordedChain:
        """What the files say, in our rows. Raises Refused for a file that cannot be read."""
        reader = _reader(self._directory)
        assert reader is not None  # noqa: S101 (checked when it was opened)
        try:
            return reader(self._directory, self.source)
        except OTHER_THAN_MEANT as error:
            raise Refused(f"{self._directory.name}: it cannot be read as it is: {str(error).splitlines()[0]}") from error

    @cached_property
    def all_trades(self) -> pl.DataFrame:
        """Every Trade row, in time order."""
        return self.chain.trades

    @property
    def _markets(self) -> tuple[pl.DataFrame, list[RefusedMarket]]:
        return self._described, []

    @cached_property
    def _described(self) -> pl.DataFrame:
        """An Instrument row a mint that was traded, and what profiles read of a market beside it: nothing."""
        first = self.all_trades.group_by("token_id").agg(pl.col("traded_at").min()).sort("token_id")
        found = [instrument_of(Mint(mint, DECIMALS, "", False, False), at, at) for mint, at in first.iter_rows()]
        return frame_of([row for row in found if row is not None], Instrument).with_columns(pl.lit("").alias("event"))

    @property
    def all_levels(self) -> None:
        """Nobody wrote down what a pool would have given."""
        return

    def rows(self, as_of: datetime | None = None) -> dict[type, pl.DataFrame]:
        """Instrument and SolanaToken rows; `as_of`: of the coins launched by then."""
        known = self.chain.tokens if as_of is None else self.chain.tokens.filter(pl.col("launched_at") <= as_of)
        instruments = self._described.select(list(schema_of(Instrument)))
        return {Instrument: instruments, SolanaToken: known}

    def rates(self, as_of: datetime) -> pl.DataFrame:
        """Nobody says what a SOL was worth."""
        return empty(Rate)

    def instruments(self, token_ids: Collection[str], as_of: datetime) -> dict[type, pl.DataFrame]:
        """Of these mints, dated `as_of`."""
        mine = {row_class: frame.filter(pl.col("token_id").is_in(list(token_ids))) for row_class, frame in self.rows(as_of).items()}
        at = pl.lit(as_of).cast(mine[Instrument].schema["updated_at"]).alias("updated_at")
        return {row_class: frame.with_columns(at) for row_class, frame in mine.items()}


def _reader(directory: Path) -> Callable[[Path, str], RecordedChain] | None:
    return next((read for files, read in FORMATS.items() if all((directory / f"{name}.parquet").is_file() for name in files)), None)
