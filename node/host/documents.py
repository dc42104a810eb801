"""The 協定書 itself, as a PDF: checked to be one that opens, kept beside the agreement, given out as a file and never shown in a page."""

import hashlib
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.errors import BadInput, NotFound
from federation.wording import phrase
from node.host import pdfpages
from node.models.agreements import AgreementDocument

MAX_BYTES = 10 * 1024 * 1024
TYPE = "application/pdf"


class NoSuchPdf(BadInput):
    """The file is no PDF, a broken one, or one that opens with a password alone."""

    words = phrase("PDFとして開けませんでした。パスワードで保護されていない、協定書のPDFを選んでください。")


class PdfTooLarge(BadInput):
    """The file is larger than a scanned agreement is."""

    words = phrase("ファイルが大きすぎます。10MBまでのPDFを選んでください。")


def check(content: bytes) -> None:
    """Draw the first page to know that it opens. Call it with no transaction open. Raises ``BadInput`` at ``document``."""
    if len(content) > MAX_BYTES:
        raise PdfTooLarge(f"{len(content)} bytes", field="document")
    if not pdfpages.is_pdf(content):
        raise NoSuchPdf("no PDF", field="document")
    try:
        pdfpages.page(content, 1)
    except BadInput as error:
        raise NoSuchPdf(error.detail, field="document") from None


def put(db: Session, agreement_id: str, content: bytes, file_name: str, *, by: str, now: datetime) -> AgreementDocument:
    """Keep a checked PDF, in place of the one that may be there."""
    row = db.get(AgreementDocument, agreement_id) or AgreementDocument(agreement_id=agreement_id)
    row.file_name, row.size, row.data = file_name, len(content), content
    row.digest, row.added_at, row.added_by = hashlib.sha256(content).hexdigest(), now, by
    db.add(row)
    db.flush()
    return row


def data_of(db: Session, agreement_id: str) -> bytes:
    """Return the bytes; raise ``NotFound`` where there are none."""
    data = db.scalar(select(AgreementDocument.data).where(AgreementDocument.agreement_id == agreement_id))
    if data is None:
        raise NotFound("no document")
    return data
