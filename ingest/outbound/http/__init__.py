"""Requests to addresses that others name: an HTTP client that reaches public addresses only."""
