"""The emulated operations, and what they share: parameters, lookups, permission and admission checks."""
