"""The pages a reader sees, apart from those that need the space (embeddings/urls.py)."""

from django.urls import path

from terms import views

urlpatterns = [
    path("", views.home, name="home"),
    path("<language:language>/", views.index, name="index"),
    path("<language:language>/letter/<str:letter>", views.index, name="index_letter"),
    path("<language:language>/define/<str:slug>", views.term, name="term"),
    path("<language:language>/opensearch.xml", views.opensearch, name="opensearch"),
    path("<language:language>/suggest", views.suggestions, name="suggestions"),
    path("<language:language>/topics", views.topics, name="topics"),
    path("<language:language>/topics/<str:slug>", views.topic, name="topic"),
    path("<language:language>/bundles", views.bundles, name="bundles"),
    path("<language:language>/bundles/<str:slug>", views.bundle, name="bundle"),
]
