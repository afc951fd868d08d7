"""Learning: one module per arrow from sent mail to a training set."""
