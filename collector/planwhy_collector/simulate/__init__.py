"""Teams with known causes: what they would leave in the CRM and in the agents, and the truth behind it."""
