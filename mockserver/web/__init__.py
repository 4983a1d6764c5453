"""The HTTP layer that the API and the control plane share. It imports neither of them."""
