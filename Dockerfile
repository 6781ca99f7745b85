FROM python:3.13-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY src ./src
# --compile: the image is read-only to its user, so bytecode has to be there from the start.
RUN python -m venv /app && /app/bin/python -m pip install --no-cache-dir --compile ".[http]"

FROM python:3.13-slim
LABEL io.modelcontextprotocol.server.name="io.github.OWNER/wavespeed-mcp-server"
RUN useradd --create-home --uid 1000 wavespeed \
    && mkdir /out /state \
    && chown wavespeed /out /state
COPY --from=build /app /app
ENV PYTHONDONTWRITEBYTECODE=1 \
    WAVESPEED_OUTPUT_DIR=/out \
    WAVESPEED_STATE_DIR=/state
VOLUME ["/out", "/state"]
USER 1000
WORKDIR /home/wavespeed
ENTRYPOINT ["/app/bin/wavespeed-mcp-server"]
