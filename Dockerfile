# A small image around the native program:  ./dev publish && docker build -t castellan .
# docker run -p 8080:8080 -v castellan:/data -e KC_BOOTSTRAP_ADMIN_USERNAME=admin -e KC_BOOTSTRAP_ADMIN_PASSWORD=… castellan start-dev
FROM debian:12-slim

# .NET calls OpenSSL for TLS and signatures; the certificates are for what the server itself fetches.
RUN apt-get update && apt-get install -y --no-install-recommends libssl3 ca-certificates && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 1000 --home-dir /data --create-home castellan

COPY out/castellan out/*.so /opt/castellan/

USER 1000
WORKDIR /data
ENV CASTELLAN_DATA_DIR=/data KC_HTTP_HOST=0.0.0.0
VOLUME /data
EXPOSE 8080 8443 9000
ENTRYPOINT ["/opt/castellan/castellan"]
CMD ["start"]
