"""What went wrong, as a page and as problem details."""

import logging

import pytest
from flask.testing import FlaskClient

from federation.errors import BookingRefused
from federation.messages.problem import Problem

GOOD = {"Authorization": "DPoP good"}


def test_a_program_reads_both_languages(client: FlaskClient) -> None:
    answer = client.put("/api/desk", headers=GOOD)
    told = Problem.model_validate_json(answer.data)
    assert (answer.status_code, answer.mimetype) == (409, "application/problem+json")
    assert told.code == "booking-refused"
    assert told.ja == BookingRefused.words
    assert told.en.startswith("The conditions do not allow this booking.")
    assert told.field == "places.0.desk"


def test_details_for_the_operator_stay_inside(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        answer = client.get("/forbidden")
    assert answer.status_code == 403
    assert "secret detail" not in answer.text
    assert "secret detail" in caplog.text


def test_a_fault_of_ours_is_a_page_and_a_trace_in_the_log(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = client.get("/fails")
    assert answer.status_code == 500
    assert "システムの不具合が起きました" in answer.text
    assert "secret detail" not in answer.text
    assert "ZeroDivisionError" in caplog.text


def test_a_missing_page_says_so_in_the_readers_language(client: FlaskClient) -> None:
    assert "見つかりませんでした" in client.get("/nowhere").text
    assert "Not found" in client.get("/nowhere?lang=en").text


def test_a_missing_address_is_a_problem_for_programs(client: FlaskClient) -> None:
    answer = client.get("/.well-known/nothing", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_a_wrong_method_names_the_right_ones(client: FlaskClient) -> None:
    answer = client.delete("/write")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
    assert answer.mimetype == "text/html"


def test_the_time_to_wait_is_a_header(client: FlaskClient) -> None:
    assert client.get("/api/busy", headers=GOOD).headers["Retry-After"] == "30"
