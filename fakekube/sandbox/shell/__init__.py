"""A POSIX shell for what simulated containers run: parser, expansion, interpreter, line editor."""
