"""Teams with known causes."""
