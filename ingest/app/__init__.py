"""The daemon as a process: every part of `ingest` made for one configuration, and run together."""
