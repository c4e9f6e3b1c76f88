"""Reports to print or send: one HTML file each, whole in itself, that asks no host for anything.

``scenario.scenario_report`` of a forecast, ``comparison.comparison_report`` of contract offers.
"""
