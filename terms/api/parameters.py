from typing import Any

from rest_framework.request import Request


def parameters(serializer: Any, request: Request) -> dict[str, Any]:
    """The checked query parameters. Raises ValidationError, which names each wrong one."""
    checked = serializer(data=request.query_params)
    checked.is_valid(raise_exception=True)
    valid: dict[str, Any] = checked.validated_data
    return valid
