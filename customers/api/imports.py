"""Customers by CSV, over HTTP."""

import shutil
import tempfile

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.response import Response

from barbershop.api.errors import ApiError
from barbershop.api.serializers import refuse_unknown
from barbershop.api.viewsets import ShopAPIView
from customers import imports, kept_out
from customers.models import CustomerImport, CustomerImportError

IN_MEMORY = 1 << 20
MOST_ERRORS = 1000


class CsvParser(BaseParser):
    """The body is the file itself."""

    media_type = "text/csv"

    def parse(self, stream, media_type=None, parser_context=None):
        file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 lives as long as the request
        shutil.copyfileobj(stream, file)
        return {"file": file}


class ImportOptions(serializers.Serializer):
    dry_run = serializers.BooleanField(default=False, help_text="Check only, change nothing.")
    ignore_unknown = serializers.BooleanField(
        default=False, help_text="Leave out columns that are not known."
    )


class ImportRequest(ImportOptions):
    file = serializers.FileField(help_text="CSV with a first line of column names.")


class RefusedRow(serializers.ModelSerializer):
    class Meta:
        model = CustomerImportError
        fields = ["line", "column", "message"]


class ImportSerializer(serializers.ModelSerializer):
    """What became of the rows; of the refused ones the first thousand problems are listed."""

    dry_run = serializers.BooleanField(source="is_dry_run")
    errors = serializers.SerializerMethodField()
    note = serializers.SerializerMethodField(help_text="About people who asked to be erased.")

    class Meta:
        model = CustomerImport
        fields = [
            "id",
            "filename",
            "encoding",
            "dry_run",
            "rows",
            "created",
            "updated",
            "unchanged",
            "rejected",
            "kept_out",
            "note",
            "errors",
        ]

    def get_note(self, done) -> str:
        return kept_out.in_words(done.kept_out)

    def get_errors(self, done) -> list[dict]:
        return RefusedRow(done.errors.all()[:MOST_ERRORS], many=True).data


class CustomerImportView(ShopAPIView):
    """Send the file as the body (``text/csv``) or as the field ``file`` of a form."""

    parser_classes = [MultiPartParser, CsvParser]

    @extend_schema(
        operation_id="customers_import",
        parameters=[ImportOptions],
        request={"multipart/form-data": ImportRequest, "text/csv": bytes},
        responses={200: ImportSerializer},
    )
    def post(self, request):
        """Create or update customers; good rows are kept, bad ones listed with line and reason."""
        file = request.data.get("file")
        if not hasattr(file, "read"):
            message = "Send a CSV file, as the body or as the form field file."
            raise ApiError("invalid", message, {"file": [message]})
        # By name: a form's fields are lists, of which this is the last entry.
        said = {name: request.data[name] for name in request.data}
        said = request.query_params.dict() | said
        refuse_unknown(said, ImportRequest().fields)
        options = ImportOptions(data={name: v for name, v in said.items() if name != "file"})
        options.is_valid(raise_exception=True)
        try:
            done = imports.run(
                shop=self.shop,
                file=file,
                filename=getattr(file, "name", None) or "customers.csv",
                by=self.actor,
                **options.validated_data,
            )
        except imports.ImportRefused as error:
            raise ApiError("unusable_file", str(error), {"file": [str(error)]}) from error
        return Response(ImportSerializer(done).data)
