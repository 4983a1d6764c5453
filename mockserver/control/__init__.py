"""The control plane, under /_mock: create projects, change them, and read what their clients did."""
