"""Bytes to facts: readers record and never judge. Labels' bytes are read in child processes only (`sandbox`)."""
