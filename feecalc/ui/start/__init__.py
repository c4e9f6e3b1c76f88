"""Where streamlit is started: its script and settings. It would run a folder ``pages`` beside a script by itself."""
