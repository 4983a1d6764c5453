# Replaces haproxy:2.6 in tests, which pull no image but Python's: installs Debian's package, with the same command
FROM python:3.13-slim

# hadolint ignore=DL3008
RUN apt-get update -q && apt-get install -qy --no-install-recommends haproxy && rm -rf /var/lib/apt/lists/*
USER 1000:1000
CMD ["haproxy", "-W", "-db", "-f", "/usr/local/etc/haproxy/haproxy.cfg"]
