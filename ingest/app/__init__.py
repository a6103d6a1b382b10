"""The daemon as a process: every package of `ingest` built on one configuration and run together."""
