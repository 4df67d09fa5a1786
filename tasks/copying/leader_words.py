"""What an operator said of leaders, as it is on record at this moment."""

from adapters.stores.results import Results
from data_contracts import LeaderStanding, LeaderWord
from data_contracts.frames import EPOCH
from domain.copying.leader_words import LeaderWords, words_until
from tasks.copying.sound_rows import Broken, sound_rows


def read_leader_words(results: Results) -> LeaderWords:
    """A word that cannot be read is taken for a pause, which it may have been: exits go on either way."""
    sound, broken = sound_rows(results, LeaderWord)
    return words_until([*sound, *map(_taken_for_a_pause, broken)])


def _taken_for_a_pause(word: Broken) -> LeaderWord:
    return LeaderWord(
        strategy_id=str(word.record["strategy_id"]),
        wallet=str(word.record["wallet"]),
        ordered_at=word.record["ordered_at"] or EPOCH,
        standing=LeaderStanding.PAUSED,
        why=f"its row cannot be read: {'; '.join(word.faults)}",
    )
