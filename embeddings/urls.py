from django.urls import path

from embeddings import views

urlpatterns = [
    path("<language:language>/search", views.search, name="search"),
]
