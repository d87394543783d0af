"""Private headers of scanner makers as plain values, one maker a file."""
