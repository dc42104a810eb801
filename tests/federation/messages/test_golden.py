"""The wire as other towns already read it: what stands in ``golden`` is read and written back unchanged for ever."""

import importlib
import json
import pkgutil
from pathlib import Path

import pytest

import federation.messages
from federation.messages.base import Message

GOLDEN = Path(__file__).parent / "golden"
MODULES = [
    importlib.import_module(f"federation.messages.{module.name}")
    for module in pkgutil.iter_modules(federation.messages.__path__)
]
MODELS = {
    name: model
    for module in MODULES
    for name, model in vars(module).items()
    if isinstance(model, type) and issubclass(model, Message) and model.__module__ == module.__name__
}


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_an_example_is_read_and_written_back_unchanged(path: Path) -> None:
    example = json.loads(path.read_text())
    assert MODELS[path.stem.split("-")[0]].read(path.read_text()).wire() == example


def test_every_message_stands_in_some_example() -> None:
    text = {name: set(model.model_fields) for name, model in MODELS.items() if name != "Message"}
    shown = {path.stem.split("-")[0] for path in GOLDEN.glob("*.json")}
    inside = {name for shape in shown for name in _parts(MODELS[shape])}
    assert set(text) <= shown | inside


def _parts(model: type[Message]) -> set[str]:
    return set(model.model_json_schema(mode="validation").get("$defs", {}))
