# One image for every service; the argument is the role: `serve reservation`, `migrate reservation`, `provision`, …
ARG RUST=rust:1.95-bookworm
# The stage or image whose /yeyak goes into the image, beside the libraries it was linked against.
ARG BUILT=build

FROM ${RUST} AS build
WORKDIR /source
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/source/target \
    CARGO_PROFILE_RELEASE_STRIP=symbols cargo build --release --locked --package yeyak \
    && cp target/release/yeyak /yeyak

# All that the program opens: itself, its libraries, the certificates it trusts, and where names are looked up first.
FROM ${BUILT} AS root
RUN mkdir -p /root-of-image/etc \
    && if ldd /yeyak | grep 'not found'; then exit 1; fi \
    && cp /yeyak /root-of-image/yeyak \
    && cp --parents --dereference $(ldd /yeyak | grep -o '/[^ ]*') /root-of-image/ \
    && cp --parents --dereference /etc/ssl/certs/ca-certificates.crt /root-of-image/ \
    && echo 'hosts: files dns' >/root-of-image/etc/nsswitch.conf

FROM scratch
LABEL org.opencontainers.image.title="Yeyak" \
      org.opencontainers.image.description="Takes bookings for any business that sells time or places" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=root /root-of-image/ /
ENV BIND=0.0.0.0
# Guests, operators, other services.
EXPOSE 8080 8081 8082
USER 65532:65532
HEALTHCHECK --start-period=60s --interval=10s --timeout=5s CMD ["/yeyak", "selfcheck"]
ENTRYPOINT ["/yeyak"]
