from django.urls import path

from embeddings.api import directions, lab, views
from embeddings.lab import OPERATIONS

urlpatterns = [
    path("search", views.Search.as_view(), name="api-search"),
    path("explain", views.Explain.as_view(), name="api-explain"),
    path(
        "terms/<language:language>/<str:slug>/related",
        views.Related.as_view(),
        name="api-related",
    ),
    path("spaces", views.Spaces.as_view(), name="api-spaces"),
    path("lab/directions", directions.Directions.as_view(), name="api-directions"),
    path("lab/spaces/compare", views.TwoSpaces.as_view(), name="api-two-spaces"),
    *(path(f"lab/{name}", lab.view_of(name), name=f"api-lab-{name}") for name in OPERATIONS),
]
