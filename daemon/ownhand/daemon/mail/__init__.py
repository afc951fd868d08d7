"""Sent mail: where it comes from, and the words in it that are the person's own."""
