"""The interface to the machine: the log, flushing to disk, the supervisor, and the files shipped with the code."""
