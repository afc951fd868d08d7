"""Preference agents: trained and served by the trainer, in processes of their own."""
