"""`python -m deployments.automations`: makes the server's automations of ours what they should be, by the channels it has."""

import sys

from prefect.client.orchestration import get_client

from deployments.automations.rules import apply


def main() -> None:
    with get_client(sync_client=True) as client:
        sys.stdout.write(f"automations: {', '.join(apply(client)) or 'none, no channel is there'}\n")


if __name__ == "__main__":
    main()
