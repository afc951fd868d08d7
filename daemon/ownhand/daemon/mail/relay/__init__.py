"""A submission server on loopback that passes mail on, and keeps a copy for learning."""
