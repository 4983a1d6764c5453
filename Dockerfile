FROM python:3.13-slim AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build

# Two environments: what builds the wheel stays behind
RUN python -m venv tools && python -m venv --without-pip /opt/mockserver
COPY requirements/build.lock requirements/runtime.lock ./
RUN tools/bin/pip install --require-hashes --no-deps --only-binary :all: -r build.lock \
    && tools/bin/pip --python /opt/mockserver/bin/python \
        install --no-compile --require-hashes --no-deps --only-binary :all: -r runtime.lock
COPY . .
RUN tools/bin/pip wheel --no-index --no-deps --no-build-isolation --wheel-dir wheel . \
    && tools/bin/pip --python /opt/mockserver/bin/python install --no-compile --no-index --no-deps wheel/*.whl \
    && /opt/mockserver/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/mockserver/lib


FROM python:3.13-slim

LABEL org.opencontainers.image.title="northflank-mockserver" \
      org.opencontainers.image.description="A local emulator of the Northflank API's \"list addon backup restores\"" \
      org.opencontainers.image.licenses="MIT"

COPY --from=build /opt/mockserver /opt/mockserver
ENV PATH=/opt/mockserver/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 NFMOCK_HOST=0.0.0.0
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=5s --start-period=10s --retries=3 CMD ["mockserver", "health"]
ENTRYPOINT ["mockserver"]
CMD ["serve"]
