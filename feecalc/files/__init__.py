"""A person's files in and out: claims, volumes, remittances and histories, whatever program wrote them.

Nothing of a claim is logged, cached or written but where a person says. A message quotes of a file its headings, never
a line.
"""
