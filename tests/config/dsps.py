"""Tables of DSPs that are right, for tests that change one thing in them."""

from __future__ import annotations

from typing import Final

HOST_KEY: Final = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"

SENDER: Final = '[ddex]\nparty_id = "PADPIDA2026010101N"\n'

BATCH: Final = f"""{SENDER}[dsp.one]
kind = "sftp"
layout = "batch"
ern_version = "3.8.2"
recipients = {{ PADPIDA2013020802I = "YouTube" }}
[dsp.one.sftp]
host = "sftp.example.com"
user = "us"
key_file = "dsp_key"
host_keys = ["{HOST_KEY}"]
[dsp.one.contract]
models = ["SubscriptionModel"]
uses = ["OnDemandStream"]
"""
"""The shortest table of a DSP that gets messages of ours by SFTP: [dsp.one] is on line 3."""
