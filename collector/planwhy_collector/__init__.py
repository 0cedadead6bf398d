"""The collector: stores activity, joins it with the CRM, explains missed plans."""

__version__ = "0.1.0"
