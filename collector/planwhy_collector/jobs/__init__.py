"""Query, compute, store: each function may run twice, by schedule or by hand."""
