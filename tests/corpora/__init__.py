"""Music and covers made in code, of every kind that labels send, with which the rules are tried out."""
