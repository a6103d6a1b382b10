"""The machine that the program runs on: its log, its disk, its supervisor, and the files shipped with the code."""
