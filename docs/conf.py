"""How Sphinx lays out the reference; ``docs/build.py`` gathers its pages and runs it."""

from __future__ import annotations

import portal_analysis

project = "portal_analysis"
author = "The portal_analysis authors"
copyright = author
version = release = portal_analysis.__version__
extensions = ["sphinx.ext.autodoc", "numpydoc", "myst_nb"]
root_doc = "index"

autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False
add_module_names = False

nb_execution_mode = "off"
nb_ipywidgets_js: dict[str, dict[str, str]] = {}
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
suppress_warnings = ["mystnb.unknown_mime_type", "myst.header", "misc.highlighting_failure"]

html_theme = "pydata_sphinx_theme"
html_title = "portal_analysis"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_context = {"default_mode": "auto"}
html_copy_source = False
html_show_sourcelink = False
html_sidebars = {name: [] for name in ("index", "gallery", "architecture", "contributing", "changelog")}
html_theme_options = {
    "navbar_end": ["theme-switcher"],
    "navbar_persistent": ["search-button"],
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_prev_next": True,
    "navigation_with_keys": False,
    "show_nav_level": 1,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
