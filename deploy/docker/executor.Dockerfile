# An executor: the image of the program, which must be built first, and in it Sail, a Spark Connect server without Java:
#   docker build -t loyalty -f deploy/docker/Dockerfile . && docker build -t loyalty-executor -f deploy/docker/executor.Dockerfile .
# A task reads and writes the home, so mount it at the same place as for the program.
FROM loyalty
USER root
WORKDIR /opt/loyalty
# By version and hash, as everything in the image.
RUN sed -n '/^uv==/,/# via/p' requirements.lock > uv.lock && pip install --no-cache-dir --require-hashes --requirement uv.lock
RUN sed -n '/^pysail==/,/# via/p' requirements.lock > sail.lock
RUN uv pip install --no-cache --python .venv/bin/python --no-deps --require-hashes --requirement sail.lock
USER loyalty
EXPOSE 15002
ENTRYPOINT ["sail", "spark", "server", "--ip", "0.0.0.0", "--port", "15002"]
CMD []
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s \
  CMD ["python", "-c", "import socket; socket.create_connection(('127.0.0.1', 15002), 5)"]
