"""The admin, its static files served by Django itself, and a page that shows who Django thinks asks."""
from django.contrib import admin
from django.contrib.staticfiles.views import serve
from django.http import JsonResponse
from django.urls import path, re_path


def who(request):
    return JsonResponse({
        "user": request.user.get_username(), "path": request.path, "path_info": request.path_info, "scheme": request.scheme,
        "url": request.build_absolute_uri(), "meta": {k: v for k, v in request.META.items() if isinstance(v, str) and k.isupper()},
    })


urlpatterns = [
    path("admin/", admin.site.urls),
    path("who", who),
    re_path(r"^static/(?P<path>.*)$", serve, {"insecure": True}),
]
