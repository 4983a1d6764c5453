"""The vendor's contract as pure functions and data: no HTTP, no SQL, no state."""
