"""Writing: rules and a draft for one mail."""
