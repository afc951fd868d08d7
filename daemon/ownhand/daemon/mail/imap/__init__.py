"""Sent mail read from an IMAP server, and drafts put there."""
