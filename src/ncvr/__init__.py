"""Exact, explained, reproducible NHS site prices, and the contracts that carry them."""

__version__ = "0.1.0"
