"""Where it is kept: Postgres, ClickHouse, the graph, memory."""
