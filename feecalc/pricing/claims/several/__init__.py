"""The rules that look at several lines of a patient's day, and at the parts of a line that they rank."""
