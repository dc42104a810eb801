"""Conditions: each says yes, or no with a reason."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation import rules
from federation.rules import Condition, Wish

NOW = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
WISH = Wish(
    home_code="110001",
    host_code="130001",
    site_id="site",
    start=NOW + timedelta(hours=1),
    end=NOW + timedelta(hours=3),
    zone=ZoneInfo("Asia/Tokyo"),
    privacy="open",
    work_kind="satellite",
    confidentiality="2",
    price_yen=300,
)
OPEN = ((NOW, NOW + timedelta(hours=8)),)
DAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        (rules.NotPast(NOW + timedelta(hours=3)), "past"),
        (rules.WithinHorizon(NOW + timedelta(hours=2)), "beyond-horizon"),
        (rules.BeforeDeadline(NOW, timedelta(hours=2)), "too-late"),
        (rules.WithinOpenHours(()), "closed"),
        (
            rules.WithinOpenHours(
                ((NOW, NOW + timedelta(hours=2)), (NOW + timedelta(hours=2, minutes=1), NOW + timedelta(hours=9)))
            ),
            "closed",
        ),
        (rules.Published(published=False), "not-offered"),
        (rules.Covered(everyone=False, homes=("120006",)), "no-agreement"),
        (rules.Covered(everyone=True, site_ids=("other",)), "site-not-covered"),
        (rules.Covered(everyone=True, weekdays=(0, 2)), "weekday-not-covered"),
        (rules.Covered(everyone=True, starts_on=date(2026, 11, 25)), "agreement-not-in-force"),
        (rules.Covered(everyone=True, ends_on=date(2026, 11, 23)), "agreement-not-in-force"),
        (rules.SeatsLeft(5, {DAY: 5}), "seats-used-up"),
        (rules.SeatsAWeek(5, {DAY: 2, date(2026, 11, 29): 3}), "week-seats-used-up"),
        (rules.UsesADay(1, {DAY: 1}), "uses-a-day"),
        (rules.UsesAWeek(2, {date(2026, 11, 23): 1, DAY: 1}), "uses-a-week"),
        (rules.HoursAgreed(None, 11 * 60 + 59), "hours-not-covered"),
        (rules.HoursAgreed(10 * 60 + 1, None), "hours-not-covered"),
        (rules.LengthAgreed(121, None), "too-short"),
        (rules.LengthAgreed(None, 119), "too-long"),
        (rules.WorkAgreed(("between_trips",)), "work-not-covered"),
        (rules.PrivacyFits({"2": ("private",)}), "not-private-enough"),
        (rules.RoomsAllowed(("private",)), "room-not-allowed"),
        (rules.WorkKindsAllowed(("between_trips",)), "work-kind-not-allowed"),
        (rules.HostsAllowed(("120006",)), "host-not-allowed"),
        (rules.DaysAWeek(1, (date(2026, 11, 26),)), "days-a-week"),
        (rules.DaysAMonth(1, (date(2026, 11, 2),)), "days-a-month"),
        (rules.CostCeiling(299), "too-dear"),
        (rules.FacilitiesAllowed(("hall", "branch")), "facility-not-allowed"),
        (rules.SitesAllowed(("another",)), "site-not-allowed"),
        (rules.InPool(()), "kept-for-others"),
        (rules.WholeSlots("day", None), "not-whole-slots"),
        (rules.NotBlocked(DAY), "blocked"),
        (rules.SureEnough(2, 1), "assurance-too-low"),
        (rules.SureEnough(3, 2), "assurance-too-low"),
        (rules.WithinBudget("企画課", {2026: 299}), "over-budget"),
        (
            rules.Covered(everyone=True, starts_on=date(2026, 12, 1), ends_on=date(2027, 3, 31)),
            "agreement-not-in-force",
        ),
        (rules.WithinRadius(10, (35.69, 139.75), "本庁舎"), "too-far"),
    ],
)
def test_a_condition_that_is_not_met_says_why_and_what_would_change_it(condition: Condition, code: str) -> None:
    answer = condition.judge(WISH)
    assert not answer
    assert isinstance(answer, rules.No)
    assert answer.code == code
    assert answer.words % answer.facts
    assert answer.change % answer.facts


@pytest.mark.parametrize(
    "condition",
    [
        rules.NotPast(NOW),
        rules.WithinHorizon(WISH.end),
        rules.BeforeDeadline(NOW, timedelta(hours=1)),
        rules.BeforeDeadline(NOW + timedelta(hours=2), timedelta(0)),
        rules.WithinOpenHours(OPEN),
        rules.Published(published=True),
        rules.Covered(everyone=False, homes=("110001",), site_ids=("site",), weekdays=(1,), starts_on=DAY, ends_on=DAY),
        rules.SeatsLeft(None, {DAY: 500}),
        rules.SeatsLeft(5, {DAY: 4, date(2026, 11, 25): 9}),
        rules.SeatsAWeek(5, {DAY: 4, date(2026, 11, 22): 9, date(2026, 11, 30): 9}),
        rules.UsesADay(1, {date(2026, 11, 25): 1}),
        rules.UsesAWeek(2, {DAY: 1, date(2026, 11, 30): 2}),
        rules.HoursAgreed(10 * 60, 12 * 60),
        rules.LengthAgreed(120, 120),
        rules.WorkAgreed(("satellite",)),
        rules.NotMyNumber(),
        rules.PrivacyFits({"3A": ("private",)}),
        rules.RoomsAllowed(()),
        rules.WorkKindsAllowed(()),
        rules.HostsAllowed(()),
        rules.DaysAWeek(1, (DAY, date(2026, 11, 30))),
        rules.CostCeiling(300),
    ],
)
def test_a_condition_that_is_met_says_yes(condition: Condition) -> None:
    assert condition.judge(WISH)


@pytest.mark.parametrize(("kind", "allowed"), [("hall", True), ("shop", False), ("", False)])
def test_a_booth_in_a_shop_is_no_hall_and_what_nobody_named_counts_as_other(kind: str, *, allowed: bool) -> None:
    wish = replace(WISH, facility_type=kind)
    assert bool(rules.FacilitiesAllowed(("hall",)).judge(wish)) is allowed
    assert bool(rules.FacilitiesAllowed(("other",)).judge(wish)) is (kind == "")


@pytest.mark.parametrize(("km", "allowed"), [(31, True), (28, False)])
def test_a_radius_is_measured_as_the_crow_flies(km: int, *, allowed: bool) -> None:
    tokorozawa, chiyoda = (35.7996, 139.4686), (35.694, 139.753)
    assert bool(rules.WithinRadius(km, tokorozawa, "所沢市役所").judge(replace(WISH, position=chiyoda))) is allowed


def test_my_number_work_is_refused_always() -> None:
    wish = replace(WISH, confidentiality=rules.MY_NUMBER)
    assert [no.code for no in rules.judge([rules.NotMyNumber()], wish).refusals] == ["my-number"]


def test_the_day_is_the_sites_own() -> None:
    late = replace(WISH, start=datetime(2026, 11, 24, 15, 30, tzinfo=UTC))
    assert late.day == date(2026, 11, 25)


def test_a_verdict_is_all_of_the_refusals() -> None:
    verdict = rules.judge([rules.Published(published=False), rules.CostCeiling(0), rules.NotMyNumber()], WISH)
    assert not verdict
    assert [no.code for no in verdict.refusals] == ["not-offered", "too-dear"]
    assert rules.judge([], WISH)


_FACTS = st.builds(
    lambda privacy, level, kind, yen, hours: replace(
        WISH, privacy=privacy, confidentiality=level, work_kind=kind, price_yen=yen, start=NOW + timedelta(hours=hours),
        end=NOW + timedelta(hours=hours + 2),
    ),
    st.sampled_from(["private", "semi_private", "open"]), st.sampled_from(["1", "2", "3A", "my_number"]),
    st.sampled_from(["satellite", "between_trips"]), st.integers(0, 900), st.integers(0, 24 * 40),
)  # fmt: skip
_DAYS = st.frozensets(st.dates(date(2026, 11, 20), date(2027, 1, 5)), max_size=8)
_SOME = st.one_of(
    st.just(rules.NotMyNumber()),
    st.builds(rules.RoomsAllowed, st.frozensets(st.sampled_from(["private", "semi_private", "open"]))),
    st.builds(rules.WorkKindsAllowed, st.frozensets(st.sampled_from(["satellite", "between_trips"]))),
    st.builds(rules.PrivacyFits, st.dictionaries(st.sampled_from(["1", "2", "3A"]), st.just(("private",)))),
    st.builds(rules.DaysAWeek, st.integers(1, 7), _DAYS),
    st.builds(rules.DaysAMonth, st.integers(1, 31), _DAYS),
    st.builds(rules.CostCeiling, st.integers(0, 900)),
    st.builds(rules.BeforeDeadline, st.just(NOW), st.integers(0, 72).map(lambda hours: timedelta(hours=hours))),
)


@given(st.lists(_SOME, max_size=6), _SOME, _FACTS)
def test_one_more_condition_never_turns_a_no_into_a_yes(some: list[Condition], more: Condition, wish: Wish) -> None:
    before, after = rules.judge(some, wish), rules.judge([*some, more], wish)
    assert before or not after
    assert [no.code for no in after.refusals][: len(before.refusals)] == [no.code for no in before.refusals]


@given(st.integers(1, 31), _DAYS, st.dates(date(2026, 11, 20), date(2027, 1, 5)), _FACTS)
def test_a_day_that_is_used_already_never_lets_more_in(
    limit: int, used: frozenset[date], day: date, wish: Wish
) -> None:
    for condition in (rules.DaysAWeek, rules.DaysAMonth):
        assert condition(limit, used).judge(wish) or not condition(limit, used | {day}).judge(wish)
