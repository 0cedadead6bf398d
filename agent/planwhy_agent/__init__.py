"""The agent: records which windows and tabs are in front, privately and without loss, and sends it in batches."""

__version__ = "0.1.0"
