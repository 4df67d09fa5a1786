"""What is right. Pure Python: no Prefect, network, clock or memory."""
