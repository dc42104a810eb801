"""Sheets as offices keep them: CSV read generously, checked row by row, taken over by the same functions as forms, and written."""
