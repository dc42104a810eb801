"""Mirrors the three packages; ``story`` plays a day, ``browser`` and ``interop`` use the real thing."""
