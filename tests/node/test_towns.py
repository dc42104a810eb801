"""Towns of one installation: read from their folders, refused where two of them would share anything."""

from dataclasses import replace
from pathlib import Path

import pytest

from federation.errors import BadInput
from node.towns import add, check_apart, read_settings, towns

KOMAE = {"NODE_ENTITY_ID": "https://desks.city.komae.example", "NODE_CODE": "132195", "NODE_NAME": "狛江市"}
SAITAMA = {"NODE_ENTITY_ID": "https://desks.city.saitama.example", "NODE_CODE": "111007", "NODE_NAME": "さいたま市"}
REGISTRY = {"NODE_REGISTRY": "https://registry.example"}


@pytest.fixture
def installation(tmp_path: Path) -> dict[str, str]:
    environ = {**REGISTRY, "NODE_TOWNS": str(tmp_path)}
    add(tmp_path, KOMAE, environ)
    add(tmp_path, SAITAMA, environ)
    return environ


def test_every_folder_with_settings_is_a_town(installation: dict[str, str], tmp_path: Path) -> None:
    saitama, komae = towns(installation)
    assert (saitama.code, komae.code) == ("111007", "132195")
    assert komae.data == tmp_path / "132195"
    assert komae.database == f"sqlite:///{tmp_path}/132195/node.db"
    assert komae.registry == "https://registry.example"


def test_without_a_folder_the_environment_is_the_one_town(tmp_path: Path) -> None:
    (town,) = towns({**REGISTRY, **KOMAE, "NODE_DATA": str(tmp_path)})
    assert town.name == "狛江市"


def test_an_environment_meant_for_one_town_reaches_no_hosted_one(installation: dict[str, str]) -> None:
    configs = towns({**installation, "NODE_DATABASE": "sqlite:////tmp/shared.db", "NODE_CODE": "130001"})
    assert len({config.database for config in configs}) == 2


def test_a_towns_settings_are_for_its_owner_only(installation: dict[str, str], tmp_path: Path) -> None:
    assert (tmp_path / "132195/town.env").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "132195").stat().st_mode & 0o777 == 0o700


def test_a_town_is_added_once(installation: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there already"):
        add(tmp_path, KOMAE, installation)


@pytest.mark.parametrize(
    "wrong",
    [
        {"NODE_ENTITY_ID": KOMAE["NODE_ENTITY_ID"]},
        {"NODE_FURTHER_ORIGINS": KOMAE["NODE_ENTITY_ID"]},
        {"NODE_DATABASE": "postgresql+psycopg://x/one"},
    ],
)
def test_two_towns_share_nothing(wrong: dict[str, str], tmp_path: Path) -> None:
    environ = {**REGISTRY, "NODE_TOWNS": str(tmp_path)}
    add(tmp_path, KOMAE | {"NODE_DATABASE": "postgresql+psycopg://x/one"}, environ)
    with pytest.raises(BadInput, match="share"):
        add(tmp_path, SAITAMA | wrong, environ)
    assert not (tmp_path / "111007").exists()


def test_two_folders_that_are_one_are_refused(installation: dict[str, str]) -> None:
    saitama, komae = towns(installation)
    with pytest.raises(BadInput, match="share"):
        check_apart((saitama, replace(komae, data=saitama.data / "../111007")))


def test_a_folder_is_named_by_its_towns_code(installation: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "132195").rename(tmp_path / "132217")
    with pytest.raises(BadInput, match="named by its code"):
        towns(installation)


def test_an_empty_folder_is_said_to_be_empty(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="add a town first"):
        towns({**REGISTRY, "NODE_TOWNS": str(tmp_path)})


def test_a_line_that_is_no_setting_is_named(tmp_path: Path) -> None:
    (tmp_path / "town.env").write_text('# a note\n\nNODE_NAME="狛江市"\nnonsense\n', encoding="utf-8")
    with pytest.raises(BadInput, match="line 4"):
        read_settings(tmp_path / "town.env")


def test_each_hosted_town_has_a_provider_of_its_own(installation: dict[str, str], tmp_path: Path) -> None:
    with (tmp_path / "132195/town.env").open("a", encoding="utf-8") as file:
        file.write("NODE_OIDC_ISSUER=https://idp.komae.example\nNODE_OIDC_CLIENT_ID=desks\n")
        file.write('NODE_OIDC_CLAIMS="number=職員番号; name=氏名"\n')
    stray = {"NODE_OIDC_ISSUER": "https://idp.everybody.example", "NODE_OIDC_CLIENT_ID": "desks"}
    saitama, komae = towns({**installation, **stray})
    assert saitama.upstream is None
    assert komae.upstream is not None
    assert (komae.upstream.issuer, komae.upstream.theirs("number")) == ("https://idp.komae.example", "number")
