"""What the agent and the collector agree on: wire format, ids, times, working hours, limits. Knows neither of them."""

__version__ = "0.1.0"
