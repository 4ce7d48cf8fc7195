# The S3 server of the trial chart, from the program that the tests build: for nodes that cannot fetch the published image.
FROM scratch
COPY versitygw /versitygw
USER 1000:1000
ENTRYPOINT ["/versitygw"]
