"""What the inbox answered since it began, in Prometheus' words. Source: https://prometheus.io/docs/instrumenting/exposition_formats"""

from collections import Counter

from adapters.inbox.posted_intents import PostedIntent

FIELDS = {"body", *PostedIntent.model_fields}  # whoever may post must not make up names here
ANSWERS, FAULTS = "walletflow_inbox_answers_total", "walletflow_inbox_faults_total"
MISSING = "walletflow_inbox_numbers_missing_total"


def in_prometheus_words(answers: Counter[tuple[str, int]], faults: Counter[str], missing: int) -> str:
    """Answers by door and status, faults by field, and what senders left out of their numbers.

    Fields that are none of an intent's are counted together.
    """
    by_status = [f'{ANSWERS}{{door="{door}",status="{status}"}} {count}' for (door, status), count in sorted(answers.items())]
    known = {name: count for name, count in faults.items() if name in FIELDS}
    counted = known | {"other": sum(faults.values()) - sum(known.values())}
    by_field = [f'{FAULTS}{{field="{name}"}} {count}' for name, count in sorted(counted.items())]
    left_out = [f"# TYPE {MISSING} counter", f"{MISSING} {missing}"]
    return "\n".join([f"# TYPE {ANSWERS} counter", *by_status, f"# TYPE {FAULTS} counter", *by_field, *left_out, ""])
