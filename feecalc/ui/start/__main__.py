"""Streamlit, started with what the pages are made of loaded: the first view of a page need not wait for it.

``python -m feecalc.ui.start run SCRIPT ...`` takes what ``streamlit`` itself takes.
"""

import os
import sys
from importlib import import_module

from streamlit.logger import set_log_level
from streamlit.web.cli import main

from feecalc.ui.navigation import PAGES
from feecalc.ui.shared.uploads import forget

set_log_level("ERROR")  # that no server runs yet is no news; the server sets the level it is told
import_module("pandas")
for page in PAGES:  # with them altair, polars, the pricing and the readers of scenarios and contracts
    import_module(page.module)
try:
    main(prog_name="streamlit")
except SystemExit as ended:
    # The server was told to stop: what pages are still working out is for nobody, and is not waited for.
    forget()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(ended.code if isinstance(ended.code, int) else int(ended.code is not None))
