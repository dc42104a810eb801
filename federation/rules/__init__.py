"""Conditions of use: each a small class that answers yes, or no with a reason. A verdict is all of them.

Home and host judge with the same classes on the facts each of them has; the host decides again when it is asked. A
condition never fetches and never reads the clock. The words are Japanese message ids with ``%(name)s`` places.
"""

from federation.rules.admission import UNAPPROVED, UNSURE, AuthorityAgreed, NotBlocked, StayApproved, SureEnough
from federation.rules.budgets import WithinBudget, fiscal_year
from federation.rules.limits import (
    MY_NUMBER,
    NEVER,
    CostCeiling,
    DaysAMonth,
    DaysAWeek,
    HostsAllowed,
    NotMyNumber,
    PrivacyFits,
    RoomsAllowed,
    WorkKindsAllowed,
)
from federation.rules.noshows import FewNoShows
from federation.rules.offers import Covered, InPool, Published, SeatsLeft
from federation.rules.places import UNTOLD, FacilitiesAllowed, SitesAllowed, WithinRadius
from federation.rules.shares import HoursAgreed, LengthAgreed, SeatsAWeek, UsesADay, UsesAWeek, WorkAgreed
from federation.rules.times import NOT_WHOLE, BeforeDeadline, NotPast, WholeSlots, WithinHorizon, WithinOpenHours
from federation.rules.verdict import Answer, Condition, No, Verdict, Wish, Yes, judge

__all__ = [
    "MY_NUMBER",
    "NEVER",
    "NOT_WHOLE",
    "UNAPPROVED",
    "UNSURE",
    "UNTOLD",
    "Answer",
    "AuthorityAgreed",
    "BeforeDeadline",
    "Condition",
    "CostCeiling",
    "Covered",
    "DaysAMonth",
    "DaysAWeek",
    "FacilitiesAllowed",
    "FewNoShows",
    "HostsAllowed",
    "HoursAgreed",
    "InPool",
    "LengthAgreed",
    "No",
    "NotBlocked",
    "NotMyNumber",
    "NotPast",
    "PrivacyFits",
    "Published",
    "RoomsAllowed",
    "SeatsAWeek",
    "SeatsLeft",
    "SitesAllowed",
    "StayApproved",
    "SureEnough",
    "UsesADay",
    "UsesAWeek",
    "Verdict",
    "WholeSlots",
    "Wish",
    "WithinBudget",
    "WithinHorizon",
    "WithinOpenHours",
    "WithinRadius",
    "WorkAgreed",
    "WorkKindsAllowed",
    "Yes",
    "fiscal_year",
    "judge",
]
