"""The writer of ERN 3.8.2, and of 3.8.3 where it differs."""
