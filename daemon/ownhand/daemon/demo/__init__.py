"""The demonstration: the main job on a sample mailbox."""
