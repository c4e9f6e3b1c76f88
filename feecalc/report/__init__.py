"""Reports to print or send: self-contained HTML files that load nothing from the network.

``scenario.scenario_report`` reports a forecast, ``comparison.comparison_report`` contract offers.
"""
