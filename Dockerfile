# One image for API, worker, migrations and simulator; everything is installed here, nothing when it runs.
FROM python:3.13-slim AS build
WORKDIR /src
RUN python -m venv /venv
COPY requirements/runtime.txt requirements/build.txt requirements/
RUN /venv/bin/pip install --no-cache-dir --only-binary :all: --require-hashes -r requirements/runtime.txt
RUN pip install --no-cache-dir --only-binary :all: --require-hashes -r requirements/build.txt
COPY pyproject.toml README.md cli.py detection.py outside.py settings.py worker.py ./
COPY activities activities
COPY api api
COPY commands commands
COPY instagram instagram
COPY routing routing
COPY store store
COPY workflows workflows
RUN pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheels . \
    && /venv/bin/pip install --no-cache-dir --no-deps --no-index --find-links /wheels switchboard
RUN /venv/bin/python -m api.openapi > /openapi.json

FROM node:24-slim AS console
WORKDIR /console
COPY console/package.json console/package-lock.json console/.npmrc ./
RUN npm ci
COPY console ./
COPY --from=build /openapi.json openapi.json
RUN npm run types && npm run build

FROM python:3.13-slim
RUN useradd --system --uid 10001 --create-home switchboard && install -d -o switchboard /data
COPY --from=build /venv /venv
COPY --from=console /console/dist /console
ENV SWITCHBOARD_CONSOLE_DIR=/console PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 SWITCHBOARD_API_HOST=0.0.0.0
USER 10001
WORKDIR /data
EXPOSE 8000
CMD ["python", "-m", "api"]
