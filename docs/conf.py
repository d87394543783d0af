"""Sphinx settings; ``python3 noxfile.py -s docs`` builds the pages and takes a warning for an error."""

project = "pydcm"
author = "The pydcm developers"
copyright = "2026, the pydcm developers"
version = release = "1.0"

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
exclude_patterns = ["_build", "adr/template.md"]
root_doc = "index"
html_theme = "furo"
html_title = "pydcm"
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autosummary_generate = True
autodoc_typehints = "none"
autodoc_default_options = {"members": True, "undoc-members": False}
numpydoc_show_class_members = False
# Generated tables hold thousands of names; their pages describe them instead
suppress_warnings = ["myst.xref_missing"]
