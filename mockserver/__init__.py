"""A local emulator of the Northflank API's "list addon backup restores" operation."""
