from django.urls import path

from embeddings import drafting, views
from embeddings import map as maps
from embeddings.lab import spaces
from embeddings.lab import views as lab

urlpatterns = [
    path("edit/hints", drafting.hints, name="hints"),
    path("edit/meaning", drafting.meaning, name="meaning"),
    path("<language:language>/search", views.search, name="search"),
    path("<language:language>/search/why", views.why, name="why"),
    path("<language:language>/map", maps.map_page, name="map"),
    path("<language:language>/map/points.json", maps.map_points, name="map_points"),
    path("<language:language>/map/<int:number>", maps.map_cluster, name="map_cluster"),
    path("<language:language>/lab/spaces", spaces.spaces, name="lab_spaces"),
    path("<language:language>/lab", lab.index, name="lab"),
    path("<language:language>/lab/<slug:name>", lab.page, name="lab_operation"),
    path("<language:language>/compare/<str:one>/<str:other>", views.compare, name="compare"),
]
