"""The command ``pydcm``; each sub-command is a module with a function that registers it."""
