"""A client's way through a list: requests are grouped into walks, and each walk is judged. Pure."""
