"""The small base model that needs no download, and the program that makes it."""
