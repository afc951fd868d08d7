"""Large models, and the gate before them."""
