from django.urls import path, re_path

from campaigns import (
    views,
    views_budget,
    views_customer,
    views_draft_words,
    views_incidents,
    views_invitation,
    views_offers,
    views_passport,
    views_preview,
    views_resending,
    views_segment_campaign,
    views_segment_editor,
    views_segments,
    views_template_editor,
    views_template_variations,
    views_template_verbs,
    views_templates,
)

# Whatever stands there: a link that was cut or lengthened is answered by our pages.
_SIGNED = r"(?P<token>[^/]*)"

urlpatterns = [
    path("budget/", views_budget.month, name="budget"),
    path("campaigns/<int:pk>/execute/", views.execute, name="campaign-execute"),
    path("campaigns/<int:pk>/pause/", views.pause, name="campaign-pause"),
    path("campaigns/<int:pk>/resume/", views.resume, name="campaign-resume"),
    path("campaigns/<int:pk>/cancel/", views.cancel, name="campaign-cancel"),
    path("campaigns/<int:pk>/clone/", views.clone, name="campaign-clone"),
    path("campaigns/<int:pk>/budget/", views_budget.campaign, name="campaign-budget"),
    path("campaigns/<int:pk>/delete/", views.delete, name="campaign-delete"),
    path("campaigns/<int:pk>/retry/", views_resending.retry_failed, name="campaign-retry"),
    path(
        "campaigns/<int:pk>/calls/<int:call>/release/",
        views_resending.release,
        name="campaign-release",
    ),
    path("campaigns/<int:pk>/preview/", views_preview.preview, name="campaign-preview"),
    path(
        "campaigns/<int:pk>/preview/email.html", views_preview.email, name="campaign-preview-email"
    ),
    path("campaigns/<int:pk>/preview/test/", views_preview.test, name="campaign-preview-test"),
    path("campaigns/<int:pk>/words/", views_draft_words.edit, name="campaign-words"),
    path(
        "campaigns/<int:pk>/words/take-back/",
        views_draft_words.take_back,
        name="campaign-take-back",
    ),
    path("campaigns/<int:pk>/lint/", views_preview.check, name="campaign-lint"),
    path(
        "campaigns/<int:pk>/template/", views_template_verbs.of_campaign, name="campaign-template"
    ),
    path("incidents/", views_incidents.listing, name="incidents"),
    path("incidents/<int:pk>/settle/", views_incidents.settle, name="incident-settle"),
    path("offers/", views_offers.listing, name="offers"),
    path("offers/redeem/", views_offers.redeem, name="offer-redeem"),
    path("offers/codes/<int:pk>/undo/", views_offers.take_back, name="offer-take-back"),
    re_path(rf"^r/{_SIGNED}/?\Z", views_invitation.invitation, name="invitation"),
    re_path(rf"^r/{_SIGNED}/join/?\Z", views_invitation.join, name="invitation-join"),
    path("segments/", views_segments.listing, name="segments"),
    path("segments/ready/", views_segments.shelf, name="segments-ready"),
    path("segments/ready/<slug:key>/take/", views_segments.take, name="segment-take"),
    path("segments/new/", views_segment_editor.new, name="segment-new"),
    path("segments/<int:pk>/", views_segments.detail, name="segment"),
    path("segments/<int:pk>/edit/", views_segment_editor.edit, name="segment-edit"),
    path("segments/<int:pk>/campaign/", views_segment_campaign.start, name="segment-campaign"),
    path("segments/<int:pk>/delete/", views_segments.delete, name="segment-delete"),
    path("templates/", views_templates.listing, name="templates"),
    path("templates/new/", views_template_editor.new, name="template-new"),
    path("templates/ready/<slug:key>/", views_templates.ready, name="template-ready"),
    path("templates/ready/<slug:key>/take/", views_template_verbs.take, name="template-take"),
    path(
        "templates/ready/<slug:key>/start/",
        views_template_verbs.start_ready,
        name="template-start-ready",
    ),
    path(
        "templates/ready/<slug:key>/<int:step>/email/<int:wording>/",
        views_templates.ready_email,
        name="template-ready-email",
    ),
    path("templates/<int:pk>/", views_templates.own, name="template"),
    path("templates/<int:pk>/edit/", views_template_editor.edit, name="template-edit"),
    path(
        "templates/<int:pk>/variations/new/",
        views_template_variations.new,
        name="template-variation-new",
    ),
    path(
        "templates/<int:pk>/variations/edit/",
        views_template_variations.edit,
        name="template-variation-edit",
    ),
    path(
        "templates/<int:pk>/variations/change/",
        views_template_variations.change,
        name="template-variation-change",
    ),
    path("templates/<int:pk>/start/", views_template_verbs.start_own, name="template-start"),
    path("templates/<int:pk>/archive/", views_template_verbs.archive, name="template-archive"),
    path(
        "templates/<int:pk>/unarchive/", views_template_verbs.unarchive, name="template-unarchive"
    ),
    path(
        "templates/<int:pk>/versions/<int:number>/email/<int:wording>/",
        views_templates.own_email,
        name="template-email",
    ),
    path(
        "templates/<int:pk>/versions/<int:number>/restore/",
        views_template_verbs.restore,
        name="template-restore",
    ),
    path("customers/<int:pk>/", views_customer.customer, name="customer"),
    path("customers/<int:pk>/passport/", views_passport.passport_page, name="customer-passport"),
]
