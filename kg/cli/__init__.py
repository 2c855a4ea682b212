"""The command line: thin commands over the library, a file for each group."""
