# syntax=docker/dockerfile:1
# Stage one builds a virtual environment from the pinned, hashed packages; stage two holds only that.
FROM python:3.11-slim-bookworm AS build
WORKDIR /src
COPY constraints/run.txt constraints/run.txt
RUN python -m venv /opt/vigie \
 && /opt/vigie/bin/pip install --no-cache-dir --require-hashes -r constraints/run.txt
COPY pyproject.toml README.md LICENSE ./
COPY app app
COPY collectors collectors
COPY nlp nlp
COPY migrations migrations
RUN /opt/vigie/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin vigie \
 && install -d -o vigie -g vigie /data
COPY --from=build /opt/vigie /opt/vigie
ENV PATH=/opt/vigie/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    VIGIE_DATA_DIR=/data \
    VIGIE_HOST=0.0.0.0
USER vigie
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["vigie"]
CMD ["serve"]
