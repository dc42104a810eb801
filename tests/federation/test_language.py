"""Words in both languages, dates as people write them, and a catalogue with nothing missing."""

import logging
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages.catalog import Catalog

from federation import language
from federation.errors import TachiyoriError
from federation.locale import catalogue

TOKYO = ZoneInfo("Asia/Tokyo")
ONE = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _compiled() -> None:
    catalogue.compile_all()
    language._catalogue.cache_clear()


def test_every_sentence_has_its_english_with_the_same_places() -> None:
    assert list(catalogue.faults(catalogue.extracted(), catalogue.read("en"))) == []


def test_a_sentence_without_english_is_reported_with_its_place() -> None:
    template, told = Catalog(), Catalog("en")
    template.add("新しい文です。", locations=[("node/x.py", 7)])
    assert list(catalogue.faults(template, told)) == ["node/x.py:7: no en for 「新しい文です。」"]


def test_a_translation_with_another_place_is_reported() -> None:
    template, told = Catalog(), Catalog("en")
    template.add("上限は%(limit)sです。", locations=[("node/x.py", 7)])
    told.add("上限は%(limit)sです。", "The limit is %(limits)s.")
    assert "places differ" in next(catalogue.faults(template, told))


def test_sentences_are_gathered_from_python_and_templates(tmp_path: Path) -> None:
    for package in catalogue.PACKAGES:
        (tmp_path / package / "views" / "templates").mkdir(parents=True)
    (tmp_path / "node" / "x.py").write_text('words = phrase("甲" "乙")')
    (tmp_path / "registry" / "views" / "templates" / "y.html").write_text('{{ _("丙") }}')
    found = {message.id for message in catalogue.extracted(tmp_path) if message.id}
    assert found == {"甲乙", "丙"}


def test_a_lone_percent_sign_is_refused() -> None:
    with pytest.raises(ValueError, match="%%"):
        catalogue.places("利用率は80%です")
    assert catalogue.places("利用率は%(rate)s%%です") == ["rate"]


def test_the_japanese_sentence_stands_for_itself() -> None:
    assert language.translate("上限は%(limit)sです。", "ja", limit="64 KB") == "上限は64 KBです。"


def test_an_error_speaks_english() -> None:
    assert language.translate(TachiyoriError.words, "en").startswith("This could not be done.")


def test_a_place_nobody_filled_becomes_a_dash_and_a_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert language.translate("上限は%(limit)sです。", "ja") == "上限は―です。"
    assert "limit" in caplog.text


def test_a_missing_catalogue_is_said_in_the_log(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(language, "FOLDER", tmp_path)
    assert language.translate(TachiyoriError.words, "en") == TachiyoriError.words
    assert "federation.locale.catalogue" in caplog.text
    language._catalogue.cache_clear()


@pytest.mark.parametrize(
    ("wished", "locale"), [(["en-GB", "ja"], "en"), (["fr", "en"], "en"), (["de"], "ja"), ([], "ja"), (["ja-JP"], "ja")]
)
def test_the_first_language_we_speak_is_taken(wished: list[str], locale: str) -> None:
    assert language.negotiate(wished) == locale


def test_days_are_written_as_each_language_does() -> None:
    when = date(2026, 11, 24)
    assert language.day(when, "ja") == "2026年11月24日(火)"
    assert language.day(when, "en") == "Tue, 24 Nov 2026"
    assert language.short_day(when, "ja") == "11/24(火)"
    assert language.short_day(when, "en") == "Tue 24 Nov"
    assert (language.month(when, "ja"), language.month(when, "en")) == ("2026年11月", "Nov 2026")


@pytest.mark.parametrize(
    ("when", "printed"),
    [
        (date(2026, 11, 24), "令和8年11月24日(火)"),
        (date(2019, 5, 1), "令和元年5月1日(水)"),
        (date(2019, 4, 30), "平成31年4月30日(火)"),
    ],
)
def test_printouts_bear_the_era(when: date, printed: str) -> None:
    assert language.printed_day(when) == printed


def test_a_day_before_our_eras_is_an_error() -> None:
    with pytest.raises(ValueError, match="no era"):
        language.printed_day(date(1988, 1, 1))


def test_times_are_those_of_the_site() -> None:
    assert language.clock(ONE, TOKYO) == "13:00"
    assert language.moment(ONE, TOKYO, "en") == "Tue, 24 Nov 2026 13:00"
    assert language.moment(datetime(2026, 11, 24, 15, 5, tzinfo=UTC), TOKYO, "ja") == "2026年11月25日(水) 00:05"


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (4, "2026年11月24日(火) 13:00〜17:00"),
        (11, "2026年11月24日(火) 13:00〜24:00"),
        (12, "2026年11月24日(火) 13:00〜2026年11月25日(水) 01:00"),
    ],
)
def test_a_period_names_its_day_once(hours: int, words: str) -> None:
    assert language.period(ONE, ONE + timedelta(hours=hours), TOKYO, "ja") == words


def test_lengths_of_time_are_hours_and_minutes() -> None:
    assert language.duration(timedelta(minutes=150), "ja") == "2時間30分"
    assert language.duration(timedelta(minutes=150), "en") == "2 h 30 min"
    assert language.duration(timedelta(hours=2), "ja") == "2時間"
    assert language.duration(timedelta(0), "en") == "0 min"


def test_money_and_sizes() -> None:
    assert (language.yen(1200, "ja"), language.yen(1200, "en")) == ("1,200円", "¥1,200")
    assert (language.yen(0, "ja"), language.yen(0, "en")) == ("無料", "Free")
    assert (language.size(64 * 1024), language.size(5 << 20)) == ("64 KB", "5 MB")
    assert language.number(5700) == "5,700"


def test_the_command_knows_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert catalogue.main(["translate"]) == 2
    assert "usage" in capsys.readouterr().err
    assert catalogue.main([]) == 0
