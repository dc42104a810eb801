"""One more restriction, in whatever field of the 利用条件 or of an agreement, never turns a no into a yes."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import assume, given
from hypothesis import strategies as st

from federation import rules
from federation.messages.listing import SiteListing
from node.home import conditions
from node.host import admission, coverage
from node.models.agreements import Agreement
from node.models.conditions import HomeConditions
from node.models.staff import Staff
from node.people import assurance
from tests.node.fakehost import SITE

NOW = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
CENTRE = {"id": "hall", "name": "本庁舎", "lat": 35.7, "lon": 139.7}
PRIVACY, LEVELS = ("private", "semi_private", "open"), ("1", "2", "3C", "3B", "3A")
KINDS, CODES = ("satellite", "between_trips"), ("131016", "112089", "271004")
FACILITIES, SITES = ("hall", "branch", "shop", "other"), (SITE.id, "another")
DAYS = st.frozensets(st.dates(date(2026, 11, 1), date(2026, 12, 31)), max_size=6)


def _among(*words: Any) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(words), unique=True, max_size=3)


def _most(high: int) -> st.SearchStrategy[int | None]:
    return st.none() | st.integers(1, high)


ALLOWING: Mapping[str, st.SearchStrategy[Any]] = {
    "privacy": _among(*PRIVACY), "work_kinds": _among(*KINDS), "host_codes": _among(*CODES),
    "facility_types": _among(*FACILITIES), "sites": _among(*SITES).map(lambda ids: [{"id": one} for one in ids]),
}  # fmt: skip
"""Fields in which nothing chosen allows everything."""
BARRING: Mapping[str, st.SearchStrategy[Any]] = {
    "employments_barred": _among("常勤", "会計年度任用"), "authorities_barred": _among("市長部局", "教育委員会"),
    "private_levels": _among(*LEVELS), "semi_private_levels": _among(*LEVELS),
}  # fmt: skip
"""Fields in which each one chosen bars more."""
MOST: Mapping[str, st.SearchStrategy[Any]] = {
    "days_a_week": _most(7), "days_a_month": _most(31), "limit_yen": _most(1000), "radius_km": _most(60),
}  # fmt: skip
LEAST: Mapping[str, st.SearchStrategy[Any]] = {"lead_hours": _most(72)}
FIELDS = {**ALLOWING, **BARRING, **MOST, **LEAST}


def is_narrower(name: str, before: Any, after: Any) -> bool:
    """Whether the second value of a field restricts at least what the first does."""
    if name in ALLOWING:
        return not before or (bool(after) and all(one in before for one in after))
    if name in BARRING:
        return all(one in after for one in before)
    if name in LEAST:
        return before is None or (after is not None and after >= before)
    return before is None or (after is not None and after <= before)


STAYS = st.builds(
    lambda facility, hours, length, **declared: (facility, NOW + timedelta(hours=hours), length, declared),
    st.sampled_from([*FACILITIES, None]), st.integers(0, 24 * 30), st.integers(1, 10),
    privacy=st.sampled_from(PRIVACY), price_yen=st.integers(0, 1200), work_kind=st.sampled_from(KINDS),
    confidentiality=st.sampled_from([*LEVELS, rules.MY_NUMBER]),
)  # fmt: skip
PEOPLE = st.builds(
    Staff, employment=st.sampled_from(["", "常勤", "会計年度任用"]), authority=st.sampled_from(["", "市長部局"])
)


@given(st.fixed_dictionaries(FIELDS), st.data(), STAYS, PEOPLE, DAYS)
def test_a_home_s_further_restriction(
    before: dict[str, Any], data: st.DataObject, stay: tuple[Any, ...], person: Staff, used: frozenset[date]
) -> None:
    name = data.draw(st.sampled_from(sorted(FIELDS)))
    narrower = data.draw(FIELDS[name])
    assume(is_narrower(name, before[name], narrower))
    left = data.draw(st.dictionaries(st.just(2026), st.integers(0, 1000)))
    less = {year: yen - data.draw(st.integers(0, 500)) for year, yen in left.items()} or {2026: 100}
    facility, start, hours, said = stay
    site: SiteListing = SITE.model_copy(update={"facility_type": facility})

    def reasons(facts: Mapping[str, Any], money: Mapping[int, int]) -> tuple[Any, ...]:
        row = HomeConditions(**facts, radius_from=CENTRE)
        budget = rules.WithinBudget("企画課", money)
        judge = conditions.judge_by(row, person, "112089", used, budget, now=NOW)
        return judge.of_room(site, end=start + timedelta(hours=hours), start=start, **said)

    loose = reasons(before, left)
    assert not loose or reasons({**before, name: narrower}, left)
    assert not loose or reasons(before, less)


AGREED_ALLOWING = {
    "site_ids": _among(SITE.id, "another"), "room_ids": _among("room", "other"),
    "weekdays": _among(*range(7)), "work_kinds": _among(*KINDS),
}  # fmt: skip
AGREED_MOST: Mapping[str, st.SearchStrategy[Any]] = {
    "seats_a_day": _most(4), "seats_a_week": _most(9), "uses_a_day": _most(3), "uses_a_week": _most(5),
    "closes": st.none() | st.integers(1, 1440), "longest_minutes": _most(600), "horizon_days": _most(40),
    "ends_on": st.none() | st.dates(date(2026, 11, 20), date(2027, 1, 5)),
}  # fmt: skip
AGREED_LEAST: Mapping[str, st.SearchStrategy[Any]] = {
    "opens": st.none() | st.integers(0, 1439), "shortest_minutes": _most(600), "assurance": st.integers(1, 3),
    "lead_minutes": st.integers(0, 4000), "starts_on": st.none() | st.dates(date(2026, 11, 20), date(2027, 1, 5)),
}  # fmt: skip
AGREED = {**AGREED_ALLOWING, **AGREED_MOST, **AGREED_LEAST}


def _is_narrower(name: str, before: Any, after: Any) -> bool:
    if name in AGREED_ALLOWING:
        return not before or (bool(after) and all(one in before for one in after))
    if before is None:
        return True
    return after is not None and (after <= before if name in AGREED_MOST else after >= before)


COUNTS = st.dictionaries(st.dates(date(2026, 11, 23), date(2026, 12, 31)), st.integers(0, 4), max_size=8)


@given(st.fixed_dictionaries(AGREED), st.data(), STAYS, COUNTS, st.sampled_from([None, "", *assurance.LEVELS]))
def test_an_agreement_s_further_term(
    before: dict[str, Any], data: st.DataObject, stay: tuple[Any, ...], counts: dict[date, int], acr: str | None
) -> None:
    name = data.draw(st.sampled_from(sorted(AGREED)))
    narrower = data.draw(AGREED[name])
    assume(_is_narrower(name, before[name], narrower))
    _facility, start, hours, said = stay
    wish = rules.Wish(
        home_code="112089", host_code="", site_id=SITE.id, room_id="room", start=start,
        end=start + timedelta(hours=hours), zone=ZoneInfo("Asia/Tokyo"), **said,
    )  # fmt: skip

    def verdict(facts: Mapping[str, Any]) -> rules.Verdict:
        agreed = Agreement(**facts, home_code="112089", home_codes=[])
        until, lead = coverage.limits(agreed, wish, NOW)
        asked = (
            coverage.covered(agreed), *coverage.shares(agreed, counts, counts), rules.WithinHorizon(until),
            rules.BeforeDeadline(NOW, lead), admission.sureness(agreed, acr),
        )  # fmt: skip
        return rules.judge(asked, wish)

    assert verdict(before) or not verdict({**before, name: narrower})
