"""The writer of ERN 4.3."""
