"""The reader's language, chosen once and kept."""

from datetime import UTC, date, datetime

from flask.testing import FlaskClient
from markupsafe import Markup

from federation.web import tongue
from federation.web.audience import AudiencedFlask


def test_the_browsers_wish_is_followed(client: FlaskClient) -> None:
    answer = client.get("/nowhere", headers={"Accept-Language": "en-GB,en;q=0.9,ja;q=0.5"})
    assert '<html lang="en">' in answer.text
    assert answer.headers["Content-Language"] == "en"
    assert "Accept-Language" in answer.headers["Vary"]


def test_the_switch_is_remembered(client: FlaskClient) -> None:
    client.get("/nowhere?lang=en")
    assert '<html lang="en">' in client.get("/nowhere").text
    client.get("/nowhere?lang=ja")
    assert '<html lang="ja">' in client.get("/nowhere").text


def test_an_unknown_language_changes_nothing(client: FlaskClient) -> None:
    assert '<html lang="ja">' in client.get("/nowhere?lang=tlh").text


def test_the_switch_keeps_what_was_asked(client: FlaskClient) -> None:
    text = client.get("/nowhere?where=%E5%A4%A7%E5%AE%AE&lang=ja").text
    assert 'href="?where=%E5%A4%A7%E5%AE%AE&amp;lang=en"' in text


def test_facts_are_escaped_unless_they_are_markup(app: AudiencedFlask) -> None:
    with app.test_request_context("/"):
        assert tongue.words("理由：%(reason)s", reason="<b>") == "理由：&lt;b&gt;"
        assert tongue.words("理由：%(reason)s", reason=Markup("<b>x</b>")) == "理由：<b>x</b>"


def test_the_town_has_a_name_in_both(client: FlaskClient) -> None:
    assert "秩父市" in client.get("/nowhere").text
    assert "Chichibu City" in client.get("/nowhere?lang=en").text


def test_filters_use_the_towns_zone(app: AudiencedFlask) -> None:
    late = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
    with app.test_request_context("/"):
        told = app.jinja_env.from_string("{{ t|day }} {{ t|clock }} {{ d|short_day }} {{ 90|duration }}")
        assert told.render(t=late, d=date(2026, 11, 24)) == "2026年11月25日(水) 00:00 11/24(火) 1時間30分"


def test_a_constant_is_written_in_each_readers_language(app: AudiencedFlask) -> None:
    with app.test_request_context():
        page = app.jinja_env.from_string("{{ 30|duration }}")
    for wish, told in (("ja", "30分"), ("en", "30 min")):
        with app.test_request_context(headers={"Accept-Language": wish}):
            assert page.render() == told


def test_our_filters_hide_none_of_jinjas() -> None:
    from jinja2.filters import FILTERS  # noqa: PLC0415

    assert not set(tongue.filters()) & set(FILTERS)


def test_a_period_breaks_only_before_its_times(app: AudiencedFlask) -> None:
    start, end = datetime(2026, 11, 24, 4, tzinfo=UTC), datetime(2026, 11, 24, 8, tzinfo=UTC)
    with app.test_request_context("/"):
        assert tongue.between(start, end).striptags() == "2026年11月24日(火) 13:00〜17:00"


def test_a_period_over_midnight_breaks_between_its_days_too(app: AudiencedFlask) -> None:
    start, end = datetime(2026, 11, 24, 13, 30, tzinfo=UTC), datetime(2026, 11, 24, 16, 15, tzinfo=UTC)
    written = {
        "ja": "2026年11月24日(火) 22:30〜2026年11月25日(水) 01:15",
        "en": "Tue, 24 Nov 2026 22:30–Wed, 25 Nov 2026 01:15",
    }
    for wish, told in written.items():
        with app.test_request_context("/", headers={"Accept-Language": wish}):
            period = tongue.between(start, end)
            assert (period.striptags(), period.count("<span")) == (told, 4)


def test_the_switch_on_an_answer_to_a_form_leads_to_a_page(app: AudiencedFlask) -> None:
    with app.test_request_context("/write", method="POST"):
        assert tongue.switched("en") == "/?lang=en"
