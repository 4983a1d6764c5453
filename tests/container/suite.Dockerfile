# The image, with the tests and their dependencies; the packages of the image come first on the path
ARG IMAGE
# hadolint ignore=DL3006
FROM ${IMAGE}

USER 0
COPY development.lock /
RUN /usr/local/bin/python -m pip install --quiet --no-cache-dir --root-user-action ignore --require-hashes --no-deps \
        --only-binary :all: --target /opt/development -r /development.lock \
    && echo /opt/development > "$(python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/development.pth"
COPY suite /suite
USER 10001:10001
WORKDIR /suite
ENTRYPOINT ["python", "-m", "pytest", "-p", "no:cacheprovider", "-n", "2", "-q"]
CMD []
