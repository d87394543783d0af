"""What :mod:`pydcm.encaps` is made of: items, frames made of them, and the way back."""
