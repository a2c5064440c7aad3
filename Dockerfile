# Stage one builds the wheel and the locked environment that it needs; stage two installs the one into the other,
# without sources or build tools. tests/packaging/test_dockerfile.py runs these steps.
FROM python:3.11-slim-bookworm AS build
WORKDIR /src
COPY requirements requirements
# Compiled here: the user that serves may not write there, and each process would compile everything at its start.
RUN python3 -m venv /opt/tools \
    && /opt/tools/bin/pip install --quiet --no-cache-dir --require-hashes -r requirements/tools.txt \
    && python3 -m venv /opt/muras \
    && /opt/tools/bin/uv pip install --quiet --no-cache --compile-bytecode --python /opt/muras/bin/python --require-hashes -r requirements/runtime.txt
COPY . .
RUN scripts/build-assets \
    && /opt/muras/bin/python scripts/messages compile \
    && /opt/tools/bin/uv build --quiet --no-cache --wheel --out-dir /dist

FROM python:3.11-slim-bookworm
# DjVu is read with these programs; everything else comes in the environment.
RUN apt-get update -qq \
    && apt-get install -qq -y --no-install-recommends djvulibre-bin >/dev/null \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --create-home --home-dir /var/lib/muras --shell /usr/sbin/nologin muras
COPY --from=build /opt/muras /opt/muras
COPY --from=build /dist /dist
RUN /opt/muras/bin/pip install --quiet --no-cache-dir --no-deps /dist/*.whl
ENV PATH=/opt/muras/bin:/usr/local/bin:/usr/bin:/bin
ENV MURAS_DATA_DIR=/var/lib/muras
ENV MURAS_HOST=0.0.0.0
ENV MURAS_PORT=8000
USER muras
WORKDIR /var/lib/muras
VOLUME /var/lib/muras
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD python -c "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['MURAS_PORT'] + '/healthz')"
CMD ["muras", "serve"]
