"""The seven operators of a metadata policy (OpenID Federation 1.1, 6.1.3.1): each is one row of ``OPERATORS``.

A row says what an operand may be, what it makes of a parameter, what two of its kind merge to, and which other operators
may stand beside it. The rows stand in the order in which they are applied (6.1.3.1.8).
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal

from federation.errors import TrustBroken


class Missing(Enum):
    """The one value that no JSON has: a parameter that is not there."""

    ABSENT = "absent"


ABSENT = Missing.ABSENT
Parameter = object | Literal[Missing.ABSENT]
Beside = Callable[[Any, Any], bool]


@dataclass(frozen=True)
class Operator:
    """One operator. ``apply`` takes operand and parameter, ``merge`` two operands; both raise ``TrustBroken``.

    ``beside`` names the later operators that may share a parameter with this one, and what must hold for the two operands.
    """

    takes: Callable[[object], bool]
    apply: Callable[[Any, Any], Parameter]
    merge: Callable[[Any, Any], object]
    beside: Mapping[str, Beside]


# --- JSON values as sets ---------------------------------------------------------------------------------------------


def _spelled(value: object) -> str:
    """Return one text for one JSON value, so that true is not 1 and objects compare whatever their order."""
    return json.dumps(value, sort_keys=True)


def _by_spelling(values: list[object]) -> dict[str, object]:
    return {_spelled(value): value for value in values}


def _are_same(first: object, second: object) -> bool:
    return _spelled(first) == _spelled(second)


def _is_within(some: object, all_: object) -> bool:
    """Say whether both are arrays and every value of the one stands in the other."""
    if not isinstance(some, list) or not isinstance(all_, list):
        return False
    return _by_spelling(some).keys() <= _by_spelling(all_).keys()


def _is_among(value: object, values: list[object]) -> bool:
    return _spelled(value) in _by_spelling(values)


def _union(first: list[object], second: list[object]) -> list[object]:
    return list({**_by_spelling(first), **_by_spelling(second)}.values())


def _intersection(first: list[object], second: list[object]) -> list[object]:
    others = _by_spelling(second)
    return [value for spelled, value in _by_spelling(first).items() if spelled in others]


def _is_array(value: object) -> bool:
    """Say whether a value is an array of texts, numbers or objects, as set operators take it."""
    return isinstance(value, list) and all(
        isinstance(item, str | int | float | dict) and not isinstance(item, bool) for item in value
    )


# --- What each does to a parameter -----------------------------------------------------------------------------------


def _array(parameter: object) -> list[object]:
    if not isinstance(parameter, list):
        raise TrustBroken("is not an array")
    return parameter


def _set(operand: object, _parameter: Parameter) -> Parameter:
    return ABSENT if operand is None else operand


def _add(operand: list[object], parameter: Parameter) -> Parameter:
    return _union([] if parameter is ABSENT else _array(parameter), operand)


def _default(operand: object, parameter: Parameter) -> Parameter:
    return operand if parameter is ABSENT else parameter


def _one_of(operand: list[object], parameter: Parameter) -> Parameter:
    if parameter is not ABSENT and not _is_among(parameter, operand):
        raise TrustBroken("is not one of the values allowed")
    return parameter


def _subset_of(operand: list[object], parameter: Parameter) -> Parameter:
    return parameter if parameter is ABSENT else _intersection(_array(parameter), operand)


def _superset_of(operand: list[object], parameter: Parameter) -> Parameter:
    if parameter is not ABSENT and not _is_within(operand, _array(parameter)):
        raise TrustBroken("lacks a value that is demanded")
    return parameter


def _essential(operand: bool, parameter: Parameter) -> Parameter:
    if operand and parameter is ABSENT:
        raise TrustBroken("is missing and essential")
    return parameter


# --- How two of a kind merge ---------------------------------------------------------------------------------------


def _equal(superior: object, subordinate: object) -> object:
    if not _are_same(superior, subordinate):
        raise TrustBroken("is given two values")
    return superior


def _some_in_common(superior: list[object], subordinate: list[object]) -> object:
    both = _intersection(superior, subordinate)
    if not both:
        raise TrustBroken("is left no value")
    return both


def _either(superior: bool, subordinate: bool) -> object:
    return superior or subordinate


# --- The table -------------------------------------------------------------------------------------------------------


def _always(_first: object, _second: object) -> bool:
    return True


OPERATORS: Mapping[str, Operator] = {
    "value": Operator(
        takes=lambda operand: True,
        apply=_set,
        merge=_equal,
        beside={
            "add": lambda value, add: _is_within(add, value),
            "default": lambda value, default: value is not None,
            "one_of": _is_among,
            "subset_of": _is_within,
            "superset_of": lambda value, least: _is_within(least, value),
            "essential": lambda value, essential: value is not None or not essential,
        },
    ),
    "add": Operator(
        takes=_is_array,
        apply=_add,
        merge=_union,
        beside={"default": _always, "subset_of": _is_within, "superset_of": _always, "essential": _always},
    ),
    "default": Operator(
        takes=lambda operand: operand is not None,
        apply=_default,
        merge=_equal,
        beside={"one_of": _always, "subset_of": _always, "superset_of": _always, "essential": _always},
    ),
    "one_of": Operator(
        takes=lambda operand: _is_array(operand) and operand != [],
        apply=_one_of,
        merge=_some_in_common,
        beside={"essential": _always},
    ),
    "subset_of": Operator(
        takes=_is_array,
        apply=_subset_of,
        merge=_intersection,
        beside={"superset_of": lambda most, least: _is_within(least, most), "essential": _always},
    ),
    "superset_of": Operator(takes=_is_array, apply=_superset_of, merge=_union, beside={"essential": _always}),
    "essential": Operator(takes=lambda operand: isinstance(operand, bool), apply=_essential, merge=_either, beside={}),
}
