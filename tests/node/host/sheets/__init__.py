"""Tests of sheets: read, compared, carried out and written."""
