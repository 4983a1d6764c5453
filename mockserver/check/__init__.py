"""`mockserver check`: compares any server with the fidelity table, row by row. No framework, so that it starts fast."""
