"""What may be wrong with a 団体コード."""

from federation.errors.request import BadInput
from federation.wording import phrase


class BadMunicipalityCode(BadInput):
    """The text is not a 全国地方公共団体コード."""

    code = "bad-municipality-code"
    words = phrase("「%(given)s」は団体コードではありません。6桁の全国地方公共団体コードを入力してください。")


class BadCheckDigit(BadMunicipalityCode):
    """Six digits, but the last does not follow from the first five."""

    code = "bad-check-digit"
    words = phrase(
        "団体コード「%(given)s」の検査数字が合いません。「%(repaired)s」ではありませんか。番号を確認してください。"
    )
