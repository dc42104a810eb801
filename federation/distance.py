"""How far it is from one point of the earth to another."""

from math import asin, cos, radians, sin, sqrt

Position = tuple[float, float]
"""Latitude and longitude, in degrees."""
_EARTH_KM = 6371.0088


def km(one: Position, other: Position) -> float:
    """Return the great-circle distance in kilometres (haversine)."""
    (lat1, lon1), (lat2, lon2) = one, other
    across = cos(radians(lat1)) * cos(radians(lat2)) * sin(radians(lon1 - lon2) / 2) ** 2
    half = sin(radians(lat1 - lat2) / 2) ** 2 + across
    return 2 * _EARTH_KM * asin(min(1.0, sqrt(half)))
