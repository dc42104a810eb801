"""A receiver's secrets, as they stand sealed."""

from datetime import UTC, datetime

from node.webhooks.ring import OVERLAP, Ring

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def test_what_is_written_is_read_again() -> None:
    for ring in (Ring.made(), Ring.made().turned(NOW)):
        assert Ring.read(ring.text) == ring


def test_a_single_secret_from_before_there_were_rings_is_one() -> None:
    ring = Ring.read("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    assert ring.signing(NOW) == ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",)
    assert ring.naming == ring.current


def test_the_former_secret_signs_until_the_overlap_ends() -> None:
    first = Ring.made()
    second = first.turned(NOW)
    assert second.signing(NOW) == (second.current, first.current)
    assert second.signing(NOW + OVERLAP) == (second.current,)
    assert second.naming == first.naming
