"""Why was this copied, or not, and what became of it?"""

from adapters.settings import load_settings
from domain.operating.explanations import explanation
from tasks.clock import asked_name, name_run
from tasks.flow_runs import flow
from tasks.form_fields import RecordId
from tasks.operating.explaining import records_of
from tasks.operating.run_reports import report_lines


@flow(name="signal-explaining", flow_run_name=asked_name("explain {name}"))
def explain_signal(name: RecordId) -> None:
    """Tells one signal from the leader's trade to our position, under the run: what was known, the verdict, its cure, orders and fills.

    Args:
        name: The id of a signal, an order, a fill or a trade, as `walletflow positions --orders` shows it; its first six digits are enough
    """
    records = records_of(name, load_settings())
    verdicts = ", ".join(f"{one.signal.strategy_id} {one.signal.verdict.value}, {one.signal.reason.value}" for one in records)
    name_run(verdicts)
    lines = [{"what": line.what, "said": line.said} for one in records for line in explanation(one)]
    report_lines(lines, "signal-explaining", verdicts, "Signals", wallet=records[0].signal.leader)
