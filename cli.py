"""`python cli.py …` in a checkout is `regengine …` installed; nothing more."""

from regengine.cli import main

if __name__ == "__main__":
    main()
