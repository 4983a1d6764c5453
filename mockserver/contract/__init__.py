"""What goes over the wire, without HTTP, SQL or state. Imports nothing of the rest but small words."""
