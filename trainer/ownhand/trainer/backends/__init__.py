"""The libraries that run small models, behind one port."""
