from django.urls import path

from terms.api import decisions, proposals, views
from terms.api.bulk import Bulk
from terms.api.changes import Changes

urlpatterns = [
    path("suggest", views.Suggest.as_view(), name="api-suggest"),
    path("terms", views.Terms.as_view(), name="api-terms"),
    path("terms/bulk", Bulk.as_view(), name="api-bulk"),
    path("changes", Changes.as_view(), name="api-changes"),
    path("terms/<language:language>/<str:slug>", views.TermDetail.as_view(), name="api-term"),
    path("bundles", views.Bundles.as_view(), name="api-bundles"),
    path("proposals", proposals.Proposals.as_view(), name="api-proposals"),
    path("proposals/<int:number>", proposals.ProposalDetail.as_view(), name="api-proposal"),
    path("proposals/<int:number>/accept", decisions.Accept.as_view(), name="api-accept"),
    path("proposals/<int:number>/decline", decisions.Decline.as_view(), name="api-decline"),
    path("topics", views.Topics.as_view(), name="api-topics"),
]
