"""From stored values to what is displayed, in the order of PS3.3 §C.11: look-up tables, windows, palettes, colour."""
