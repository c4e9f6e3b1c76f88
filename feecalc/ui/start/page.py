"""The script ``streamlit run`` is given: of an installed feecalc, what app.py is in a checkout."""

from feecalc.ui import main

main()
