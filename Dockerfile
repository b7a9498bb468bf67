# The application for many visitors, behind a reverse proxy. This file has not been built by an engine yet.
#   docker build -t psttm-geo . && docker run -p 127.0.0.1:8501:8501 -v ./workspace:/workspace:ro psttm-geo
FROM python:3.13-slim

WORKDIR /opt/psttm-geo
COPY . .
RUN python -m pip install --no-cache-dir --require-hashes -r requirements.lock \
 && python -m pip install --no-cache-dir --no-deps --no-build-isolation . \
 && useradd --create-home psttm

USER psttm
# Kernels compiled now are not compiled at every start.
RUN python -P -m psttm_geo.access.compilation
ENV PSTTM_WORKSPACE=/workspace
EXPOSE 8501
HEALTHCHECK CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/_stcore/health')"]
ENTRYPOINT ["psttm-geo", "app", "--served", "--address", "0.0.0.0"]
