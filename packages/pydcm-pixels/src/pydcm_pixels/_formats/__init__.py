"""The files that volumes are exchanged in, one format each."""
