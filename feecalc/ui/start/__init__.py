"""Where streamlit is started: its script and settings. It would run a folder ``pages`` beside a script by itself."""

# The environment variable that names a folder for a person's files while they are read. ``feecalc app`` makes it, and
# takes it away however the server ended.
FOLDER = "FEECALC_APP_FOLDER"
