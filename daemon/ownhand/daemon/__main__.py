"""`python -m ownhand.daemon` is the command `ownhand`."""

from ownhand.daemon.cli import main

if __name__ == "__main__":
    main()
