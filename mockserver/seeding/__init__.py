"""From scenario files to rows in the store."""
