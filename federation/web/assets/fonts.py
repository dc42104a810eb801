"""Noto Sans JP in two parts: one small file a weight for the letters of our own pages, and slices for all others.

The package comes as 124 slices of a variable font. Our pages alone would make a browser fetch some thirty of them (700 kB
for 260 letters), so their letters are cut out, fixed at the two weights of the design system, and joined into one file.
What this node prints itself (PDF) may hold any name, so all slices are joined once more, at one weight and unpacked.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fontTools.merge import Merger
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.ttLib.scaleUpem import scale_upem
from fontTools.varLib.instancer import instantiateVariableFont

WEIGHTS = (400, 700)
LETTERS = 1_860
"""How many letters the small file may reach by common ones; keeps both weights together below 400 kB."""
GRID = 256
"""Units to an em of the small files. The package has 1,000; at 48 px a point is off by less than 0.1 px, for 20 % fewer bytes."""
OWN_FAMILY = "Noto Sans JP"
REST_FAMILY = "Noto Sans JP Variable"
SELECTORS = frozenset((*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
"""What follows a letter to choose one of its forms, as in the names of a family register (異体字セレクタ)."""
_FACE = re.compile(r"url\(\./files/(?P<file>[\w.-]+)\).*?unicode-range:\s*(?P<ranges>[^;}]+)", re.DOTALL)
# What a page may show whatever its words are: ASCII, the Latin letters of names, kana, and the signs of Japanese text.
_ALWAYS = (
    *range(0x20, 0x7F),
    *range(0xA0, 0x100),
    *range(0x3041, 0x30FF),
    *map(
        ord,
        "、。〃々〆〇「」『』【】〒〜・ー…‥―–—‘’“”※＊○◯△▲×●◎□■→←↑↓℃％＋－＝（）！？：；，．／０１２３４５６７８９①②③④⑤⑥⑦⑧⑨⑩",
    ),
)


@dataclass(frozen=True)
class Slice:
    """One file of the package and the letters it is for."""

    file: Path
    ranges: str

    def letters(self) -> frozenset[int]:
        """Return the code points of the slice."""
        found: set[int] = set()
        for each in self.ranges.split(","):
            first, _, last = each.strip().removeprefix("U+").partition("-")
            found.update(range(int(first, 16), int(last or first, 16) + 1))
        return frozenset(found)


def slices(package: Path) -> list[Slice]:
    """Read the package's style sheet."""
    text = (package / "index.css").read_text(encoding="utf-8")
    return [Slice(package / "files" / face["file"], face["ranges"].strip()) for face in _FACE.finditer(text)]


def wanted(texts: Iterable[str], faces: list[Slice]) -> frozenset[int]:
    """Return the letters of the one small file: what any page may show, those of ``texts``, and the commonest others.

    The package numbers its slices from rare to common, so whole slices are added from the end up to ``LETTERS``. That
    covers most names of people and offices, and a new sentence seldom needs a letter that is not there yet.
    """
    found = frozenset(_ALWAYS) | {ord(letter) for text in texts for letter in text if letter.isprintable()}
    numbered = [face for face in faces if face.file.name.split("-")[3].isdigit()]
    for face in sorted(numbered, key=lambda face: int(face.file.name.split("-")[3]), reverse=True):
        if len(found | face.letters()) > LETTERS:
            break
        found |= face.letters()
    return found


def cut(faces: list[Slice], letters: frozenset[int], weight: int, target: Path) -> None:
    """Write the ``letters`` at one ``weight`` (CSS, 400 or 700) as a woff2 file at ``target``."""
    merged = _joined(faces, letters, weight, target)
    scale_upem(merged, GRID)
    merged.flavor = "woff2"
    merged.save(target)


def join(faces: list[Slice], weight: int, target: Path) -> None:
    """Write every letter of the package, and the forms that a selector chooses, at one ``weight`` as a TrueType file."""
    letters = frozenset[int]().union(*(face.letters() for face in faces))
    merged = _joined(faces, letters, weight, target, also=SELECTORS)
    # The names are those of the package's lightest instance, and a reader of the PDF is shown them.
    for number, name in ((1, "Noto Sans JP"), (2, "Regular"), (4, "Noto Sans JP"), (6, "NotoSansJP-Regular")):
        merged["name"].setName(name, number, 3, 1, 0x409)
    merged.save(target)


def _joined(
    faces: list[Slice], letters: frozenset[int], weight: int, target: Path, also: frozenset[int] = frozenset()
) -> TTFont:
    """Cut the letters out of their slices, with what of ``also`` each has, and lay them together.

    Unpacked slices stay in a folder beside ``target``, since unpacking is most of the work.
    """
    parts: list[Path] = []
    left = set(letters)
    for number, face in enumerate(faces):
        if here := left & face.letters():
            left -= here
            part = target.with_name(f"{target.stem}-{number}.ttf")
            _cut_one(_unpacked(face.file, target.parent / "unpacked"), here | also, weight, part)
            parts.append(part)
    merged = Merger().merge([str(part) for part in parts])
    for part in parts:
        part.unlink()
    return merged


def _unpacked(source: Path, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    plain = folder / f"{source.stem}.ttf"
    if not plain.exists():
        font = TTFont(source)
        font.flavor = None
        font.save(plain.with_suffix(".new"))
        plain.with_suffix(".new").rename(plain)
    return plain


def _cut_one(source: Path, letters: set[int], weight: int, target: Path) -> None:
    """Reduce one slice. Layout tables go: their lookups cannot be joined across slices, and our text sets no features."""
    options = Options(layout_features=[], notdef_outline=True, hinting=False, glyph_names=False)
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "BASE", "vhea", "vmtx", "VORG", "STAT", "DSIG", "meta"]
    font = TTFont(source)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=letters)
    subsetter.subset(font)
    font = instantiateVariableFont(font, {"wght": weight}, inplace=True)
    font.save(target)


def covered(font: Path) -> frozenset[int]:
    """Return the letters a finished file really has."""
    return frozenset(TTFont(font).getBestCmap())


def ranges(letters: Iterable[int]) -> str:
    """Write code points as a CSS ``unicode-range``."""
    spans: list[list[int]] = []
    for letter in sorted(letters):
        if spans and letter == spans[-1][1] + 1:
            spans[-1][1] = letter
        else:
            spans.append([letter, letter])
    return ",".join(f"U+{first:x}" if first == last else f"U+{first:x}-{last:x}" for first, last in spans)


def face_rule(family: str, weight: str, file: str, unicode_range: str) -> str:
    """Write one ``@font-face``; the name of the file is beside the style sheet."""
    return (
        f"@font-face{{font-family:'{family}';font-style:normal;font-display:swap;font-weight:{weight};"
        f"src:url({file}) format('woff2');unicode-range:{unicode_range}}}\n"
    )
