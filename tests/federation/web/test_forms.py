"""A form is accepted only from our own page."""

from flask.testing import FlaskClient

from federation.web.audience import AudiencedFlask


def test_a_form_with_its_token_is_accepted(client: FlaskClient) -> None:
    token = client.get("/").text
    assert client.post("/write", data={"form_token": token, "words": "はい"}).text == "はい"


def test_a_form_without_token_is_refused_with_what_to_do(client: FlaskClient) -> None:
    client.get("/")
    answer = client.post("/write", data={"words": "はい"})
    assert answer.status_code == 403
    assert "再読み込み" in answer.text


def test_an_empty_token_is_refused_where_there_is_no_session(client: FlaskClient) -> None:
    assert client.post("/write", data={"form_token": ""}).status_code == 403


def test_the_token_of_another_session_is_refused(app: AudiencedFlask, client: FlaskClient) -> None:
    client.get("/")
    theirs = app.test_client().get("/").text
    assert client.post("/write", data={"form_token": theirs}).status_code == 403


def test_scripts_send_the_token_as_a_header(client: FlaskClient) -> None:
    token = client.get("/").text
    assert client.post("/write", headers={"X-Form-Token": token}).status_code == 200


def test_programs_need_no_form_token(client: FlaskClient) -> None:
    assert client.put("/api/desk", headers={"Authorization": "DPoP good"}).status_code == 409
