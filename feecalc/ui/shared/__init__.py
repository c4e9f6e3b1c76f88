"""What the pages share. A page is written with these, so that all of them look and behave alike:

- ``opening``: which releases there are; ``open_release`` opens one, once for all who look (cached).
- ``address``: a page's state in its address and across reruns (``Address``).
- ``layout``: a page's two halves (``halves``), and what the theme cannot say.
- ``pickers``: the widgets for a procedure code (``pick_code``), release or day (``pick_when``), place (``pick_where``).
- ``figures``: the facts beside every figure (``facts``), tables with money at the right (``money_table``), charts, made
  once for the same figures (``picture``).
- ``exports``: the download buttons of a table (``downloads``); a chart has its own PNG button at its upper right.
- ``uploads``: a file from the person, bounded and kept in memory (``upload_box``), as a path while it is read; samples.
- ``problems``: an error as a box in plain words (``error_box``).
- ``scenario_files``: a page's inputs saved to a file and loaded again.
- ``words``: amounts, days, and text that may have come from a file.
"""
