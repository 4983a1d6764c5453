"""The HTTP machinery that everything served has in common. Knows neither the API's operations nor the control plane."""
