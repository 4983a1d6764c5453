"""Benchmarks of mockserver and of its alternatives: `make bench` and `make bench-peers`. Not part of the wheel."""
