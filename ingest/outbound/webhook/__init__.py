"""Webhooks: their signatures, and one attempt to post one."""
