"""One change per rule that makes a good package break that rule and no other."""
