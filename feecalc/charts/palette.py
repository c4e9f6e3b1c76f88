"""The colours and sizes that all pictures share."""

DARK, LIGHT, WARM, GRID = "#1d5c85", "#a9bfce", "#b8562f", "#e3e8ec"
PAYERS = ("#1d5c85", "#b8562f", "#5b8c5a", "#8a6bb1", "#c8a33a", "#4fa3a5", "#9c4f6b", "#7a7a7a")
MANY = 12  # bars of a tornado that are still read
