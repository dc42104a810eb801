"""施設担当者: the pages on which a host town says what it offers, when, and to whom."""

from flask import Blueprint

from node.views.admin import (
    agreement_records,
    agreements,
    blocks,
    calendar,
    closure_changes,
    closures,
    desks,
    disaster,
    emergencies,
    exceptions,
    feedback,
    feeds,
    floor_plans,
    hours,
    house_rules,
    noshows,
    photos,
    plan_pictures,
    printers,
    problems,
    publications,
    rooms,
    security_sheets,
    sites,
    today,
    utilisation,
    visitcorrections,
    walkins,
    wanted,
    webhooks,
)
from node.views.admin.pools import blueprint as pools

BLUEPRINTS: tuple[Blueprint, ...] = tuple(
    page.blueprint
    for page in (
        today,
        noshows,
        problems,
        utilisation,
        sites,
        rooms,
        security_sheets,
        desks,
        photos,
        plan_pictures,
        publications,
        hours,
        exceptions,
        floor_plans,
        calendar,
        closures,
        closure_changes,
        agreements,
        agreement_records,
        house_rules,
        blocks,
        feeds,
        feedback,
        wanted,
        emergencies,
        disaster,
        webhooks,
        printers,
        visitcorrections,
        walkins,
    )
)
BLUEPRINTS = (*BLUEPRINTS, pools)
"""Each for ``Audience.ADMIN``."""
