# One image for web, worker, beat and the preparation; docker-compose.yml says which runs what.
#
# The default torch index has builds for CPUs alone, a tenth of the size of those with CUDA. For
# another one: docker build --build-arg TORCH_INDEX=https://pypi.org/simple .
FROM python:3.11-slim AS packages
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /build
COPY constraints.txt pyproject.toml ./
RUN pip install --constraint constraints.txt --no-deps --index-url "$TORCH_INDEX" torch==2.13.0
RUN python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["dependencies"], sep="\n")' > dependencies.txt \
    && pip install --constraint constraints.txt --requirement dependencies.txt

FROM python:3.11-slim
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HF_HUB_OFFLINE=1 \
    HOST=0.0.0.0 \
    LEXISPACE_VAR=/app/var
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin lexispace \
    && install --directory --owner=lexispace --group=lexispace /app/var
WORKDIR /app
COPY --from=packages /opt/venv /opt/venv
COPY manage.py ./
COPY data data
COPY locale locale
COPY static static
COPY templates templates
COPY terms terms
COPY embeddings embeddings
COPY glossary glossary
USER lexispace
# Static files and the model for questions lie in the image, so that a container starts at once and
# fetches nothing. The key is for these two commands; the one that serves comes from outside.
RUN SECRET_KEY=for-the-build-only python manage.py prepare --static
RUN SECRET_KEY=for-the-build-only python manage.py export_onnx
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "1", "--blocking-threads", "4", "--workers-kill-timeout", "8", "glossary.wsgi:application"]
