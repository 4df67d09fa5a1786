"""What do books look like now? Those of what we hold, what our leaders trade and what is traded most, kept to fit spreads to."""

from adapters.settings import load_settings
from data_contracts import BookSample
from tasks.clock import instant_of, name_run, run_name
from tasks.flow_runs import flow
from tasks.form_fields import AsOf
from tasks.profiling.book_samples import keep_books, take_books
from tasks.quality import check


@flow(name="book-sampling", flow_run_name=run_name("books"))
def book_sampling(as_of: AsOf = None) -> None:
    """A bounded number of books, one a market; `copyability-rating` fits what buying costs to them.

    Args:
        as_of: The instant (UTC) that counts as now; empty: now, or the second it was scheduled for
    """
    now, settings = instant_of(as_of), load_settings()
    books = check(take_books(settings, now), BookSample, settings, now)
    keep_books(books, settings)
    name_run(f"books · {books.height} kept")
