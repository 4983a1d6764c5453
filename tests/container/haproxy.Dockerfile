# What stands in for haproxy:2.6 where no other image than Python's can be had: Debian's package, started the same way
FROM python:3.13-slim

# hadolint ignore=DL3008
RUN apt-get update -q && apt-get install -qy --no-install-recommends haproxy && rm -rf /var/lib/apt/lists/*
USER 1000:1000
CMD ["haproxy", "-W", "-db", "-f", "/usr/local/etc/haproxy/haproxy.cfg"]
