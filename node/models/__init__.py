"""The tables of one town: typed rows, and nothing that decides."""
