"""The door stands on the right backend or not at all."""

import jose.backends
import pytest
from jose.backends.ecdsa_backend import ECDSAECKey

from federation.tokens.door import require_cryptography_backend


def test_the_cryptography_backend_is_there() -> None:
    require_cryptography_backend()


@pytest.mark.parametrize(("name", "backend"), [("ECKey", ECDSAECKey), ("RSAKey", None)])
def test_another_backend_is_refused_at_import(monkeypatch: pytest.MonkeyPatch, name: str, backend: type | None) -> None:
    monkeypatch.setattr(jose.backends, name, backend)
    with pytest.raises(ImportError, match=r"python-jose\[cryptography\]"):
        require_cryptography_backend()
