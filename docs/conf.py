"""Sphinx configuration: MyST pages, executed notebooks, API from docstrings, signatures from their files."""

from __future__ import annotations

import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_ext"))

from marrowsig import __version__  # noqa: E402

project = "marrowsig"
author = "The marrowsig developers"
copyright = author
version = release = __version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx.ext.intersphinx",
    "sphinxcontrib.bibtex",
    "sphinx_copybutton",
    "sphinx_design",
    "api_pages",
    "api_role",
    "bib_style",
    "docstring_links",
    "long_calls",
    "mathml",
    "outside_links",
    "method_facts",
    "signature_pages",
]
exclude_patterns = ["_build", "**/_*.md", "**.ipynb_checkpoints", "jupyter_execute"]
nitpicky = True
# Of other packages only the names are shown, unless their inventories are fetched (see below).
nitpick_ignore_regex = [("py:.*", r"(?!marrowsig\b).*")]
nitpick_ignore = [  # only looked at, by what their verbs return
    ("py:class", "marrowsig._readable.Readable"),
    ("py:class", "marrowsig.tl.meta.Meta"),
]

# Pages
myst_enable_extensions = ["amsmath", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 4
myst_update_mathjax = False
html_math_renderer = "mathml"

os.environ.setdefault("TQDM_DISABLE", "1")  # no progress bars on pages
os.environ.setdefault("PYTHONWARNINGS", "ignore:IProgress not found")  # of tqdm, in kernels without widgets

# Notebooks run in every build; an error in one of them fails it. "cache" runs those that changed.
nb_execution_mode = os.environ.get("MARROWSIG_DOCS_NOTEBOOKS", "auto")
nb_execution_in_temp = True  # pages may write files
nb_execution_timeout = 300
nb_execution_raise_on_error = True
nb_execution_show_tb = True
nb_merge_streams = True
nb_ipywidgets_js = {}  # nothing comes from another server

# API
default_role = "api"
autosummary_generate = True
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 90
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_param = False  # `within, between` stay one entry
napoleon_preprocess_types = False

# With network, links into the pages of other packages; without it the build is the same but for these.
intersphinx_mapping = {}
if os.environ.get("MARROWSIG_DOCS_ONLINE"):
    intersphinx_mapping = {
        "python": ("https://docs.python.org/3", None),
        "anndata": ("https://anndata.readthedocs.io/en/stable", None),
        "matplotlib": ("https://matplotlib.org/stable", None),
        "numpy": ("https://numpy.org/doc/stable", None),
        "pandas": ("https://pandas.pydata.org/docs", None),
        "scanpy": ("https://scanpy.readthedocs.io/en/stable", None),
    }

# Papers: those of signatures and methods, which `ms.sig.cite` exports, and those of the statistics
bibtex_bibfiles = ["../signatures/references.bib", "references.bib"]
bibtex_reference_style = "author_year"
bibtex_default_style = "by_name"

# Look
html_theme = "sphinx_book_theme"
html_title = "marrowsig"
html_static_path = ["_static"]
html_css_files = ["marrowsig.css"]
templates_path = ["_templates"]
html_copy_source = False
html_show_sourcelink = False
html_context = {"default_mode": "light"}
html_theme_options = {
    "show_navbar_depth": 1,
    "show_toc_level": 2,
    "navbar_start": [],
    "navbar_center": [],
    "navbar_end": [],
    "navbar_persistent": [],
    "use_download_button": False,
    "use_fullscreen_button": False,
    "pygments_light_style": "tango",
}
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
