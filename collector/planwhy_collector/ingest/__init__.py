"""Stage 6: thin routes that authenticate a device, store its batch and answer with a receipt."""
