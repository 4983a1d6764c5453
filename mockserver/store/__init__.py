"""What outlives a request, in SQLite: tables, queries, the engine."""

from mockserver.store.engine import Store, open_store

__all__ = ["Store", "open_store"]
