"""The daemon: collects sent mail, learns how one person writes, and drafts in their hand."""
