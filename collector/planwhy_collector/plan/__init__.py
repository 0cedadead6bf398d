"""Stage 9, pure: the working calendar, periods, and plans made from workload."""
