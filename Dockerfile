# easel as an ordinary user, on a read-only root file system: docs/install.md has the commands.
FROM debian:bookworm-slim AS build
COPY . /src
WORKDIR /src
RUN ./easel --version && cpack --config build/release/CPackConfig.cmake -G DEB -B /packages

FROM debian:bookworm-slim
RUN --mount=type=bind,from=build,source=/packages,target=/packages \
    apt-get update && \
    apt-get install --yes --no-install-recommends ca-certificates fonts-dejavu-core /packages/*.deb && \
    rm -rf /var/lib/apt/lists/* && \
    useradd --uid 10001 --create-home easel && \
    install -d -o easel -g easel /models /work
USER easel
# Downloaded models, the configuration and fontconfig's cache are kept in the volume.
ENV HF_HOME=/models XDG_CACHE_HOME=/models/cache XDG_CONFIG_HOME=/models/config
VOLUME /models
WORKDIR /work
ENTRYPOINT ["easel"]
