"""Messages to DSPs: one neutral value (`outgoing`), one writer per version of ERN."""
