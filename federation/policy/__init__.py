"""Metadata policies (OpenID Federation 1.1, 6.1): read, merged from the anchor downwards, and applied to metadata. Pure.

Operators that nobody here knows are left out when a policy is read, as 6.1.3.2 asks; where a statement calls one of them
critical, the statement is refused. Everything wrong with a policy, or with metadata under it, is ``TrustBroken``.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import combinations
from typing import TypeGuard

from federation.envelope import shown
from federation.errors import TrustBroken
from federation.policy.operators import ABSENT, OPERATORS, Parameter

__all__ = ["Metadata", "Policy", "apply", "merge", "read"]

Metadata = Mapping[str, Mapping[str, object]]
"""Parameters by entity type, such as ``federation_entity`` (5.1)."""

Operands = Mapping[str, object]
Policy = Mapping[str, Mapping[str, Operands]]
"""Operands by operator, by parameter, by entity type; sound by itself."""

SPACED = frozenset({"scope"})
"""Parameters that are texts on the wire and sets in meaning: divided before a policy is applied, and joined after."""


def read(policy: object, critical: object = None) -> Policy:
    """Read the claims ``metadata_policy`` and ``metadata_policy_crit`` of one statement; raise ``TrustBroken``."""
    _check_critical(critical)
    return {
        kind: {name: _operands(kind, name, operands) for name, operands in _object(parameters).items()}
        for kind, parameters in _object({} if policy is None else policy).items()
    }


def merge(superior: Policy, subordinate: Policy) -> Policy:
    """Return what holds under both policies (6.1.3.1); raise ``TrustBroken`` where nothing does."""
    return {
        kind: _merge_parameters(kind, superior.get(kind, {}), subordinate.get(kind, {}))
        for kind in (*superior, *(kind for kind in subordinate if kind not in superior))
    }


def apply(policy: Policy, metadata: Metadata) -> Metadata:
    """Return metadata as the policy makes it (6.1.4.2); raise ``TrustBroken`` where it does not comply.

    A policy adds parameters but no entity types: what an entity does not claim to be, nobody makes it.
    """
    return {kind: _apply_parameters(kind, policy.get(kind, {}), values) for kind, values in metadata.items()}


# --- Read ------------------------------------------------------------------------------------------------------------


def _check_critical(critical: object) -> None:
    if critical is None:
        return
    if not isinstance(critical, list) or not critical:
        raise TrustBroken("metadata_policy_crit is no list, or empty")
    if not all(isinstance(name, str) and name in OPERATORS for name in critical):
        raise TrustBroken(f"a critical policy operator is not known here: {shown(critical)}")


def _object(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise TrustBroken("a metadata policy is not objects by entity type, parameter and operator")
    return value


def _operands(kind: str, name: str, operands: object) -> Operands:
    known = {operator: operand for operator, operand in _object(operands).items() if operator in OPERATORS}
    with _about(kind, name):
        for operator, operand in known.items():
            if not OPERATORS[operator].takes(operand):
                raise TrustBroken(f"an operand that {operator} does not take")
        divided = {operator: _divided(name, operand) for operator, operand in known.items()}
        _check_together(divided)
    return divided


def _check_together(operands: Operands) -> None:
    """Refuse operators that may not share a parameter, alone in one policy or after merging."""
    for first, second in combinations([name for name in OPERATORS if name in operands], 2):
        fits = OPERATORS[first].beside.get(second)
        if fits is None or not fits(operands[first], operands[second]):
            raise TrustBroken(f"{first} and {second} do not go together")


# --- Merged ----------------------------------------------------------------------------------------------------------


def _merge_parameters(
    kind: str, superior: Mapping[str, Operands], subordinate: Mapping[str, Operands]
) -> Mapping[str, Operands]:
    merged = {**superior, **subordinate}
    for name in superior.keys() & subordinate.keys():
        with _about(kind, name):
            merged[name] = _merge_operands(superior[name], subordinate[name])
    return merged


def _merge_operands(superior: Operands, subordinate: Operands) -> Operands:
    merged = {**superior, **subordinate}
    for operator in superior.keys() & subordinate.keys():
        merged[operator] = OPERATORS[operator].merge(superior[operator], subordinate[operator])
    _check_together(merged)
    return merged


# --- Applied ---------------------------------------------------------------------------------------------------------


def _apply_parameters(
    kind: str, policy: Mapping[str, Operands], parameters: Mapping[str, object]
) -> Mapping[str, object]:
    made = dict(parameters)
    for name, operands in policy.items():
        with _about(kind, name):
            value = _joined(name, _apply_operands(operands, _divided(name, made.pop(name, ABSENT))))
        if value is not ABSENT:
            made[name] = value
    return made


def _apply_operands(operands: Operands, value: Parameter) -> Parameter:
    for name, operator in OPERATORS.items():
        if name in operands:
            value = operator.apply(operands[name], value)
    return value


def _divided(name: str, value: Parameter) -> Parameter:
    if name in SPACED and isinstance(value, str):
        return value.split()
    if name in SPACED and isinstance(value, list) and _are_texts(value):
        return " ".join(value).split()
    return value


def _joined(name: str, value: object) -> object:
    if name not in SPACED or not isinstance(value, list):
        return value
    if not _are_texts(value):
        raise TrustBroken("holds what is no text")
    return " ".join(value)


def _are_texts(values: list[object]) -> TypeGuard[list[str]]:
    return all(isinstance(value, str) for value in values)


@contextmanager
def _about(kind: str, name: str) -> Iterator[None]:
    """Say of which parameter it is that something is wrong."""
    try:
        yield
    except TrustBroken as error:
        raise TrustBroken(f"policy for {shown(kind)}.{shown(name)}: {error.detail}") from None
