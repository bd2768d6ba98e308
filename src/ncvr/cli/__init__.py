"""The command line: parse, call one function, print. Only here do problems become exit codes."""
