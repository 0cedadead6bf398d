"""The demonstration: a collector, a simulated team of a dozen with its history, and a real agent on this machine."""
