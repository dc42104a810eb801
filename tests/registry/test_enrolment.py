"""Who may become a member, and with which words."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from federation.errors import AlreadyAMember, Conflict, TrustBroken
from federation.keys import make, ring_of
from federation.members import Member
from federation.tokens import ENTITY_STATEMENT
from federation.trust import verify_member
from registry.bureau import Bureau
from registry.jobs import fetch_configurations, sign_statements
from registry.membership import enrolment, statements
from registry.models import Admission
from tests.registry.towns import REGISTRY, Clock, Network, Town, json_of, problem

Invite = Callable[[str], str]
Join = Callable[[str], Town]


@pytest.fixture
def komae(network: Network, clock: Clock) -> Town:
    town = Town("狛江市", 8001, clock)
    network.towns[town.entity_id] = town
    return town


def admit(bureau: Bureau, town: Town, thumbprint: str = "") -> Member:
    with bureau.storage.transaction(write=True) as db:
        asked = enrolment.waiting(db)[-1].enrolment.id
        return enrolment.admit(
            db, bureau.seal, asked, thumbprint=thumbprint or town.thumbprint, by="operator", now=bureau.clock()
        )


def test_both_sides_see_one_thumbprint(komae: Town, invite: Invite, client: FlaskClient, bureau: Bureau) -> None:
    answer = json_of(komae.enrol(client, invite("狛江市")))
    assert answer["thumbprint"] == komae.thumbprint
    assert (answer["code"], answer["name"], answer["state"]) == ("132195", "狛江市", "pending")
    assert answer["recovery_thumbprint"] == bureau.seal.recovery
    with bureau.storage.transaction() as db:
        assert [asked.enrolment.thumbprint for asked in enrolment.waiting(db)] == [komae.thumbprint]


def test_an_invitation_is_typed_in_any_case_and_with_letters_that_look_like_digits(
    komae: Town, invite: Invite, client: FlaskClient
) -> None:
    typed = invite("狛江市").lower().replace("0", "o").replace("1", "l").replace("-", " ")
    assert komae.enrol(client, typed).status_code == 202


def test_an_invitation_is_good_once(komae: Town, invite: Invite, client: FlaskClient, clock: Clock) -> None:
    secret = invite("狛江市")
    assert komae.enrol(client, secret).status_code == 202
    answer = Town("狛江市", 8777, clock).enrol(client, secret)
    assert (answer.status_code, problem(answer)) == (403, "invitation-refused")


def test_asking_again_with_the_same_invitation_tells_how_it_stands(
    komae: Town, invite: Invite, client: FlaskClient, bureau: Bureau
) -> None:
    secret = invite("狛江市")
    assert komae.enrol(client, secret).status_code == 202
    admit(bureau, komae)
    assert json_of(komae.enrol(client, secret))["state"] == "admitted"


def test_an_invitation_expires(komae: Town, invite: Invite, client: FlaskClient, clock: Clock) -> None:
    secret = invite("狛江市")
    clock.advance(days=14)
    assert komae.enrol(client, secret).status_code == 403


def test_what_the_town_calls_itself_does_not_count(
    komae: Town, invite: Invite, client: FlaskClient, bureau: Bureau
) -> None:
    komae.enrol(client, invite("狛江市"))
    member = admit(bureau, komae)
    assert (member.name, member.code) == ("狛江市", "132195")


@pytest.mark.parametrize("wrong", ["proof_of_another_key", "proof_to_another", "other_authority", "expired", "one_key"])
def test_a_request_that_proves_nothing_uses_no_invitation_up(
    komae: Town, invite: Invite, client: FlaskClient, clock: Clock, wrong: str
) -> None:
    secret = invite("狛江市")
    assert _wrong(komae, client, secret, clock, wrong) in {401, 403}
    assert komae.enrol(client, secret).status_code == 202


def _wrong(town: Town, client: FlaskClient, secret: str, clock: Clock, wrong: str) -> int:
    if wrong == "proof_of_another_key":
        return town.enrol(client, secret, proof=town.assertion(make())).status_code
    if wrong == "proof_to_another":
        return town.enrol(
            client, secret, proof=town.assertion(town.federation.current, aud="https://a.example")
        ).status_code
    if wrong == "other_authority":
        return town.enrol(
            client, secret, configuration=town.configuration(authority_hints=("https://a.example",))
        ).status_code
    if wrong == "one_key":
        same = town.configuration(federation=town.protocol)
        return town.enrol(client, secret, configuration=same, proof=town.assertion()).status_code
    proof = town.assertion(town.federation.current)
    clock.advance(seconds=80)
    return town.enrol(client, secret, proof=proof).status_code


def test_an_endpoint_elsewhere_is_refused(komae: Town, invite: Invite, client: FlaskClient) -> None:
    metadata = komae.metadata()
    metadata["oauth_authorization_server"]["token_endpoint"] = "https://victim.example/token"
    answer = komae.enrol(client, invite("狛江市"), configuration=komae.configuration(metadata=metadata))
    assert problem(answer) == "trust-broken"


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b'{"invitation":null}', b'{"invitation":"x","configuration":"a.b.c","proof":"a.b.c"}']
)
def test_a_body_that_is_no_enrolment_is_refused(client: FlaskClient, body: bytes) -> None:
    answer = client.post("/api/v1/enrolment", data=body)
    assert answer.status_code in {400, 403}
    assert answer.mimetype == "application/problem+json"


def test_one_code_has_one_member(join: Join, invite: Invite, client: FlaskClient, clock: Clock) -> None:
    join("狛江市")
    answer = Town("狛江市", 8777, clock).enrol(client, invite("狛江市"))
    assert (answer.status_code, problem(answer)) == (409, AlreadyAMember.code)


def test_one_address_has_one_code(join: Join, invite: Invite, client: FlaskClient) -> None:
    komae = join("狛江市")
    assert komae.enrol(client, invite("埼玉県")).status_code == 409


def test_the_operator_admits_the_thumbprint_that_was_compared(
    komae: Town, invite: Invite, client: FlaskClient, bureau: Bureau
) -> None:
    komae.enrol(client, invite("狛江市"))
    with pytest.raises(Conflict):
        admit(bureau, komae, make().kid)


def test_a_declined_enrolment_cannot_be_admitted(
    komae: Town, invite: Invite, client: FlaskClient, bureau: Bureau
) -> None:
    komae.enrol(client, invite("狛江市"))
    with bureau.storage.transaction(write=True) as db:
        asked = enrolment.waiting(db)[0].enrolment.id
        enrolment.decline(db, asked, by="operator", now=bureau.clock())
    with pytest.raises(Conflict), bureau.storage.transaction(write=True) as db:
        enrolment.admit(db, bureau.seal, asked, thumbprint=komae.thumbprint, by="operator", now=bureau.clock())


def test_a_member_that_lost_its_keys_enrols_again_and_keeps_its_place(
    join: Join, invite: Invite, client: FlaskClient, bureau: Bureau
) -> None:
    komae = join("狛江市")
    join("埼玉県")
    komae.federation = ring_of(make())
    komae.clock.advance(seconds=5)
    komae.enrol(client, invite("狛江市"))
    member = admit(bureau, komae)
    assert (member.status_index, member.status) == (0, "valid")


# --- Kept fresh -----------------------------------------------------------------------------------------------


def chain_of(bureau: Bureau, town: Town) -> tuple[str, str]:
    with bureau.storage.transaction() as db:
        member = statements.get_member(db, town.entity_id)
    return member.configuration, member.statement


def test_statements_are_signed_again_after_six_hours(join: Join, bureau: Bureau, clock: Clock) -> None:
    komae = join("狛江市")
    before = chain_of(bureau, komae)[1]
    assert sign_statements(bureau) == 0
    clock.advance(hours=6)
    assert sign_statements(bureau) == 1
    assert chain_of(bureau, komae)[1] != before


def test_a_member_stays_verifiable_for_days(join: Join, bureau: Bureau, clock: Clock) -> None:
    komae = join("狛江市")
    for _ in range(12):
        clock.advance(hours=6)
        fetch_configurations(bureau)
        sign_statements(bureau)
    configuration, statement = chain_of(bureau, komae)
    verify_member(
        anchor=bureau.seal.anchor, entity_configuration=configuration, subordinate_statement=statement, now=clock()
    )
    bureau.members.verified(komae.entity_id, clock())


def test_a_member_that_cannot_be_called_sends_its_configuration(
    join: Join, bureau: Bureau, client: FlaskClient, clock: Clock
) -> None:
    komae = join("狛江市")
    clock.advance(hours=20)
    sign_statements(bureau)
    assert client.post("/api/v1/configurations", data=komae.configuration()).status_code == 204
    clock.advance(hours=20)
    sign_statements(bureau)
    bureau.members.verified(komae.entity_id, clock())


def test_a_new_key_beside_the_attested_one_is_attested_from_now_on(
    join: Join, bureau: Bureau, client: FlaskClient, clock: Clock
) -> None:
    komae, old, new = join("狛江市"), None, make()
    old = komae.federation.current
    clock.advance(hours=1)
    client.post("/api/v1/configurations", data=_signed_by(komae, old.public_jwk(), new.public_jwk()))
    komae.federation = ring_of(new)
    clock.advance(hours=1)
    assert client.post("/api/v1/configurations", data=komae.configuration()).status_code == 204
    with bureau.storage.transaction() as db:
        admission = db.scalars(select(Admission)).one()
    assert (new.kid in admission.jwks, old.kid in admission.jwks) == (True, False)


def _signed_by(town: Town, *jwks: dict[str, str]) -> str:
    claims = {
        "iss": town.entity_id, "sub": town.entity_id, "jwks": {"keys": list(jwks)}, "metadata": town.metadata(),
        "authority_hints": [REGISTRY],
    }  # fmt: skip
    return ENTITY_STATEMENT.sign(town.federation.current, claims, now=town.clock())


def test_a_configuration_under_a_strange_key_changes_nothing(
    join: Join, bureau: Bureau, client: FlaskClient, clock: Clock
) -> None:
    komae = join("狛江市")
    before = chain_of(bureau, komae)
    clock.advance(hours=1)
    komae.federation = ring_of(make())
    assert client.post("/api/v1/configurations", data=komae.configuration()).status_code == 403
    assert chain_of(bureau, komae) == before


def test_an_older_configuration_is_not_taken(join: Join, bureau: Bureau, client: FlaskClient, clock: Clock) -> None:
    komae = join("狛江市")
    old = komae.configuration()
    clock.advance(hours=1)
    client.post("/api/v1/configurations", data=komae.configuration())
    before = chain_of(bureau, komae)
    assert client.post("/api/v1/configurations", data=old).status_code == 204
    assert chain_of(bureau, komae) == before


def test_a_stranger_sends_no_configuration(client: FlaskClient, clock: Clock) -> None:
    assert client.post("/api/v1/configurations", data=Town("川越市", 8777, clock).configuration()).status_code == 403
    assert client.post("/api/v1/configurations", data="rubbish").status_code == 403


def test_trouble_with_a_member_is_shown_until_it_is_over(join: Join, bureau: Bureau, clock: Clock) -> None:
    komae = join("狛江市")
    clock.advance(hours=6)
    komae.up = False
    assert fetch_configurations(bureau) == 0
    with bureau.storage.transaction() as db:
        assert statements.get_member(db, komae.entity_id).trouble.startswith("peer-unreachable")
    komae.up = True
    fetch_configurations(bureau)
    with bureau.storage.transaction() as db:
        assert statements.get_member(db, komae.entity_id).trouble == ""


def test_nobody_is_admitted_whose_chain_would_not_verify(
    komae: Town, invite: Invite, client: FlaskClient, bureau: Bureau, clock: Clock
) -> None:
    komae.enrol(client, invite("狛江市"))
    clock.advance(hours=25)
    with pytest.raises(TrustBroken):
        admit(bureau, komae)


def test_while_a_town_asks_for_other_keys_the_old_ones_vouch_for_nothing(
    join: Join, invite: Callable[[str], str], bureau: Bureau, client: FlaskClient, clock: Clock
) -> None:
    """Its federation key was compromised: whoever has it must not be quicker than the operator."""
    komae = join("狛江市")
    stolen, before = komae.federation, chain_of(bureau, komae)
    clock.advance(hours=1)
    komae.federation = ring_of(make())
    assert komae.enrol(client, invite("狛江市")).status_code == 202
    komae.federation, true = stolen, komae.federation
    assert client.post("/api/v1/configurations", data=komae.configuration()).status_code == 409
    assert chain_of(bureau, komae) == before
    with bureau.storage.transaction(write=True) as db:
        (asked,) = enrolment.waiting(db)
        thumbprint = true.current.kid
        enrolment.admit(db, bureau.seal, asked.enrolment.id, thumbprint=thumbprint, by="operator", now=clock())
    clock.advance(hours=1)
    assert client.post("/api/v1/configurations", data=komae.configuration()).status_code == 403
