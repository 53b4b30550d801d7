from django.urls import path

from embeddings import views

urlpatterns = [
    path("<language:language>/search", views.search, name="search"),
    path("<language:language>/search/why", views.why, name="why"),
    path("<language:language>/compare/<str:one>/<str:other>", views.compare, name="compare"),
]
