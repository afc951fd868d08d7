"""How an account proves whose it is: passwords and OAuth 2 tokens."""
