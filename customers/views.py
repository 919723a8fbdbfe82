"""The shop's customers: looking them up, and bringing them in from a file."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import F
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from barbershop.api.permissions import WRITE
from barbershop.pages import choice, frame, page_of, shop_page, text
from customers import imports, kept_out, may_write, tagging
from customers.models import Customer, CustomerImport
from customers.shop_words import folded

SORTS = {
    "name": ("Name", (F("last_name").asc(), F("first_name").asc(), F("pk").asc())),
    "last_visit": (
        "Last visit",
        (F("last_visit_at").desc(nulls_last=True), F("pk").asc()),
    ),
    "visits": ("Visits", (F("visit_count").desc(), F("pk").asc())),
    "spent": ("Spent", (F("spent").desc(), F("pk").asc())),
}
HAS = {"email": "Has an email address", "phone": "Has a phone number"}


class ImportForm(forms.Form):
    file = forms.FileField(
        label="CSV file",
        help_text="With a first line of column names; UTF-8 or Windows-1252.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
    )
    dry_run = forms.BooleanField(
        label="Only check the file, change nothing", required=False, initial=True
    )
    ignore_unknown = forms.BooleanField(
        label="Leave out columns that are not known", required=False
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > settings.CSV_BODY_LIMIT:
            most = settings.CSV_BODY_LIMIT // 1024 // 1024
            raise forms.ValidationError(f"The file is larger than {most} MB: split it.")
        return file


@shop_page
@require_safe
def customers(request):
    query, tag = text(request, "q"), text(request, "tag")
    has = choice(request, "has", HAS)
    sort = choice(request, "sort", SORTS, default="name")
    found = Customer.objects.for_shop(request.shop).present().with_visit_facts()
    if query:
        found = found.search(query)
    if has:
        found = found.exclude(**{has: ""})
    if tag:
        found = found.filter(tagging.tagged([tag], shop=request.shop))
    tags = tagging.names_of(request.shop)
    page = page_of(request, found.order_by(*SORTS[sort][1]))
    page.object_list = _with_answers(page.object_list, shop=request.shop)
    context = {
        "page_obj": page,
        "query": query,
        "tag": next((name for name in tags if folded(name) == folded(tag)), tag),
        "tags": tags,
        "has": has,
        "has_choices": HAS,
        "sort": sort,
        "sorts": {name: label for name, (label, _) in SORTS.items()},
        "has_filter": bool(query or tag or has),
        "may_write": WRITE in request.rights,
    }
    return render(
        request,
        "customers/customers.html",
        frame(title="Customers", section="customers") | context,
    )


@shop_page(needs=WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def import_customers(request):
    """A CSV file: first checked, then taken over."""
    form = ImportForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        form = ImportForm(request.POST, request.FILES)
        status = 400
        if form.is_valid():
            try:
                done = _import(request, form.cleaned_data)
                return redirect("customers-imported", pk=done.pk)
            except imports.ImportRefused as error:
                form.add_error("file", str(error))
    context = {"form": form, "columns": imports.COLUMNS}
    context |= frame(title="Import customers", section="customers")
    return render(request, "customers/import.html", context, status=status)


@shop_page
@require_safe
def imported(request, pk):
    """What became of a file, row by row."""
    done = get_object_or_404(CustomerImport.objects.for_shop(request.shop), pk=pk)
    context = {"kept_out": kept_out.in_words(done.kept_out)}
    context |= {"done": done, "page_obj": page_of(request, done.errors.all(), per_page=50)}
    title = "Checked, nothing changed" if done.is_dry_run else "Imported"
    context |= frame(title=f"{title}: {done.filename}", section="customers")
    return render(request, "customers/imported.html", context)


def _import(request, fields) -> CustomerImport:
    file = fields["file"]
    done = imports.run(
        shop=request.shop,
        file=file,
        filename=file.name,
        dry_run=fields["dry_run"],
        ignore_unknown=fields["ignore_unknown"],
        by=request.user,
    )
    if not done.is_dry_run:
        messages.success(request, f"{done.created} customers are new, {done.updated} changed.")
    return done


def _with_answers(people, *, shop) -> list[Customer]:
    """Give each customer ``may_write``: the gate's answer on each channel."""
    people = list(people)
    found = may_write.answers(people, shop=shop)
    for person in people:
        person.may_write = found[person.pk]
    return people
