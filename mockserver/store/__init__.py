"""The data of a server, in SQLite: tables, queries, changes, the engine."""

from mockserver.store.engine import Store, open_store

__all__ = ["Store", "open_store"]
