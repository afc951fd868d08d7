"""Trains and runs the small model that predicts preference rules; a process of its own."""
