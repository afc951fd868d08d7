"""Base models: which there are, what they need of this machine, and which lie on it."""
