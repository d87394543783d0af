"""What :mod:`pydcm.charset` needs for text beyond ASCII: code extensions, and reports of text it cannot convert."""
