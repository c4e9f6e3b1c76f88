"""Workbooks of any origin (.xlsx, .xlsm, .ods), bounded before they are read."""
