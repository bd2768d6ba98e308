"""The outside world's documents <-> domain values."""
