"""The demo's study, details and people."""
