"""What differs from system to system: one module that all others use, beside it one for each system."""
