"""The words of a mail that are the person's own."""
