"""What decoding and encoding share: plugin tables, frame descriptions, checks of the Image Pixel module."""
