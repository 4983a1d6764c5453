"""The control plane, under /_mock: make projects, bend them, and read what clients did to them."""
