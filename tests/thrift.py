"""Passwords that cost little: most tests sign somebody in, and few ask what a hash costs an attacker."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from argon2 import PasswordHasher

from node.people import passwords
from registry import operators


@contextmanager
def thrifty() -> Iterator[dict[str, PasswordHasher]]:
    """Hash with the least that Argon2id can be asked for, in this process alone; yields the genuine hashers by name."""
    genuine = {"passwords": passwords._hasher, "codes": passwords._of_codes, "operators": operators._hasher}
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        for module, name in ((passwords, "_hasher"), (passwords, "_of_codes"), (operators, "_hasher")):
            patch.setattr(module, name, cheap)
        _forget()
        yield genuine
    _forget()


def _forget() -> None:
    """Nobody's hashes are kept by the process, and must cost what the others cost."""
    passwords._nobodys.cache_clear()
    passwords._nobodys_code.cache_clear()
    operators._nobodys_hash.cache_clear()
