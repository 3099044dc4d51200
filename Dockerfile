# The service in a container that may write nowhere but to /tmp:
#   docker build --tag cited-answers .
#   docker run --read-only --tmpfs /tmp --publish 127.0.0.1:8000:8000 --volume ~/notes:/corpus:ro cited-answers
# Without the volume it serves the three documents of the repository.
FROM python:3.11-slim

WORKDIR /app
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1

COPY requirements.lock .
RUN python -m pip install --no-cache-dir --require-hashes --requirement requirements.lock

COPY server.py .
COPY qa qa
COPY corpus /corpus
RUN python -m compileall -q server.py qa

# A number and no name, so that whoever starts it can see that it is not root.
USER 10001:10001

# A container is reached from outside by what it publishes; names other than localhost go into QA_HOSTS.
# The user has no home; what a library would keep in one goes where it may write.
ENV QA_HOST=0.0.0.0 QA_PORT=8000 QA_CORPUS=/corpus HOME=/tmp
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; \
    u.urlopen('http://127.0.0.1:' + (os.environ.get('QA_PORT') or '8000') + '/readyz', timeout=2)"]
CMD ["python", "server.py"]
