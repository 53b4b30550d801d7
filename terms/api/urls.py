from django.urls import path

from terms.api import views
from terms.api.bulk import Bulk
from terms.api.changes import Changes

urlpatterns = [
    path("suggest", views.Suggest.as_view(), name="api-suggest"),
    path("terms", views.Terms.as_view(), name="api-terms"),
    path("terms/bulk", Bulk.as_view(), name="api-bulk"),
    path("changes", Changes.as_view(), name="api-changes"),
    path("terms/<language:language>/<str:slug>", views.TermDetail.as_view(), name="api-term"),
    path("bundles", views.Bundles.as_view(), name="api-bundles"),
    path("topics", views.Topics.as_view(), name="api-topics"),
]
