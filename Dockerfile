# For another base image, for example one pinned by digest: --build-arg PYTHON=python:3.13-slim@sha256:...
ARG PYTHON=python:3.13-slim


FROM ${PYTHON} AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore PYTHONDONTWRITEBYTECODE=1
WORKDIR /build

# Only for `strip`: extension modules in wheels have debug symbols, which are three quarters of their size
# hadolint ignore=DL3008
RUN apt-get update -q && apt-get install -qy --no-install-recommends binutils

# Two environments: the build tools stay behind
RUN python -m venv tools && python -m venv --without-pip /opt/mockserver
COPY requirements/build.lock requirements/runtime.lock ./
RUN tools/bin/pip install --require-hashes --no-deps --only-binary :all: -r build.lock \
    && tools/bin/pip --python /opt/mockserver/bin/python \
        install --no-compile --require-hashes --no-deps --only-binary :all: -r runtime.lock
COPY . .
RUN tools/bin/pip wheel --no-index --no-deps --no-build-isolation --wheel-dir wheel . \
    && tools/bin/pip --python /opt/mockserver/bin/python install --no-compile --no-index --no-deps wheel/*.whl

ENV TYPER_USE_RICH=0
RUN mkdir -p /staging \
    && /opt/mockserver/bin/python -B image/prune.py /opt/mockserver /staging \
    && find /opt/mockserver -name '*.so' -exec strip --strip-unneeded '{}' + \
    && /opt/mockserver/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/mockserver/lib \
    && install -d -m 775 /folders/data /folders/scenarios

# A label cannot be read from a file, so check that its version is the wheel's
ARG VERSION=unreleased
RUN built="$(/opt/mockserver/bin/python -c 'from mockserver.version import version; print(version())')" \
    && case "${VERSION}" in unreleased | "${built}") ;; \
       *) echo "VERSION=${VERSION}, but this is ${built}: leave VERSION out, or use \`make image\`" >&2; exit 1 ;; esac


# hadolint ignore=DL3006
FROM ${PYTHON}

ARG PYTHON
ARG VERSION=unreleased
LABEL org.opencontainers.image.title="northflank-mockserver" \
      org.opencontainers.image.description="A local emulator of the Northflank API's \"list addon backup restores\"" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.base.name="docker.io/library/${PYTHON}"

COPY --from=build /staging/ /
COPY --from=build --chown=10001:0 /folders/ /
COPY --from=build /opt/mockserver /opt/mockserver
ENV PATH=/opt/mockserver/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 TYPER_USE_RICH=0 \
    NFMOCK_HOST=0.0.0.0 NFMOCK_SCENARIOS=/scenarios
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=5s --start-period=10s --retries=3 CMD ["mockserver", "health"]
ENTRYPOINT ["mockserver"]
CMD ["serve"]
