# k6 from the program that the load tests build: for nodes that cannot fetch the published image.
FROM scratch
COPY k6 /k6
ENV PATH=/
USER 1000:1000
ENTRYPOINT ["/k6"]
