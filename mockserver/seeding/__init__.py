"""Reads scenario files and fills the store from them."""
