"""Series of images: found, sorted, grouped and read."""
