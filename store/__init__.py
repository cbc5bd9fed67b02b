"""PostgreSQL: what outlives a running conversation, in plain async functions that take a session and never commit."""
