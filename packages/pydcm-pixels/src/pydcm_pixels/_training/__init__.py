"""Samples for training: single images, volumes, a cache on disk, and functions run over every series."""
