"""施設担当者: the pages on which a host town says what it offers, when, and to whom."""

from flask import Blueprint

from node.views.admin import agreements, calendar, closures, desks, hours, house_rules, rooms, sites, today

BLUEPRINTS: tuple[Blueprint, ...] = tuple(
    page.blueprint for page in (today, sites, rooms, desks, hours, calendar, closures, agreements, house_rules)
)
"""Each for ``Audience.ADMIN``."""
