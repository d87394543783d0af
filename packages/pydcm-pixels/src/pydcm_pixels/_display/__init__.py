"""Where pictures go: notebooks, figures, terminals, files."""
