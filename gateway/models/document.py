"""Rows of documents that members sent in: what is known of a file, and its bytes in parts."""

from tortoise import fields
from tortoise.models import Model

from gateway.domain.claim_document import DocumentKind, DocumentState
from gateway.domain.document import Document


class DocumentRow(Model):
    """One file. `claim_id` is the claim that uses it; without one it is thrown away at `expires_at`."""

    id = fields.IntField(primary_key=True)
    person_id = fields.IntField(db_index=True)
    claim_id = fields.IntField(null=True, db_index=True)
    kind = fields.CharField(max_length=20)
    file_name = fields.CharField(max_length=120)
    content_type = fields.CharField(max_length=20)
    size = fields.IntField()
    sha256 = fields.CharField(max_length=64)
    uploaded_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(null=True, db_index=True)
    state = fields.CharField(max_length=8)
    problem = fields.CharField(max_length=40, null=True)

    class Meta:
        table = "document"

    def to_domain(self) -> Document:
        """The document without its bytes."""
        return Document(
            id=self.id,
            person_id=self.person_id,
            kind=DocumentKind(self.kind),
            file_name=self.file_name,
            content_type=self.content_type,
            size=self.size,
            sha256=self.sha256,
            uploaded_at=self.uploaded_at,
            expires_at=self.expires_at,
            state=DocumentState(self.state),
            problem=self.problem,
        )


class DocumentPartRow(Model):
    """A stretch of a document's bytes; the stretches follow each other by `id`."""

    id = fields.IntField(primary_key=True)
    document: fields.ForeignKeyRelation[DocumentRow] = fields.ForeignKeyField(
        "gateway.DocumentRow", on_delete=fields.CASCADE
    )
    document_id: int
    content = fields.BinaryField()

    class Meta:
        table = "document_part"
