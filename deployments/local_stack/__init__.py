"""PostgreSQL, ClickHouse, the graph, Prefect and the worker on one machine, from wheels."""
