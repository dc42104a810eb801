"""Files that are no CSV but are sent as one, known by how they begin: what they are, and how to make a CSV of them."""

from federation.wording import phrase

_EXCEL = phrase(
    "Excelブック（.xlsx）です。Excelの「名前を付けて保存」で「CSV UTF-8（コンマ区切り）」を選んで保存し直してください"
)
_OLD_EXCEL = phrase(
    "Excelブック（.xls）です。Excelの「名前を付けて保存」で「CSV UTF-8（コンマ区切り）」を選んで保存し直してください"
)
_PACKED = phrase("圧縮ファイル（ZIPなど）です。展開して、中のCSVファイルを選んでください")
_MARKUP = phrase("ウェブページなどの文書（HTML・XML）です。表をExcelで開き、CSVで保存し直してください")
_OBJECTS = phrase("JSONです。もとの表をCSVで保存し直してください")
_MAGIC = (
    (b"\xd0\xcf\x11\xe0", _OLD_EXCEL),
    (b"%PDF", phrase("PDFです。もとの表をCSVで保存し直してください")),
    *((magic, _PACKED) for magic in (b"PK\x05\x06", b"PK\x07\x08", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh")),
    *(
        (magic, phrase("画像です。もとの表をCSVで保存し直してください"))
        for magic in (b"\x89PNG", b"\xff\xd8\xff", b"GIF8")
    ),
)
_TEXTS = (b".csv", b".tsv", b".txt")


def told(content: bytes) -> str:
    """Return what the file is and what to do, as a phrase; empty for what may be a CSV."""
    if content.startswith(b"PK\x03\x04"):
        first = content[30 : 30 + int.from_bytes(content[26:28], "little")]
        return _PACKED if first.lower().endswith(_TEXTS) else _EXCEL
    for magic, what in _MAGIC:
        if content.startswith(magic):
            return what
    begin = content[:1000].replace(b"\0", b"").removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if begin.startswith((b"<!doctype", b"<html", b"<?xml", b"<table", b"<head", b"<meta", b"<!--")):
        return _MARKUP
    return _OBJECTS if begin.startswith((b"{", b"[")) and b'"' in begin and b":" in begin else ""
