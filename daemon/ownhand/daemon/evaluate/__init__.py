"""How good the rules of an agent are, beside what needs no training, on mail that it never saw."""
