class Text:
    """ASCII text that grows."""
