from django.urls import path

from terms.api import views

urlpatterns = [
    path("suggest", views.Suggest.as_view(), name="api-suggest"),
    path("terms", views.Terms.as_view(), name="api-terms"),
    path("terms/<language:language>/<str:slug>", views.TermDetail.as_view(), name="api-term"),
    path("bundles", views.Bundles.as_view(), name="api-bundles"),
    path("topics", views.Topics.as_view(), name="api-topics"),
]
