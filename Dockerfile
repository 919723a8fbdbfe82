# One image for web, worker and beat; compose.yaml says which command each runs.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app

COPY requirements.txt .
RUN pip install -r requirements.txt

COPY . .
# DEBUG lets this one command run without secrets; what it makes for itself does not stay.
RUN DEBUG=true python manage.py collectstatic --noinput --verbosity 0 \
    && rm -f var/secrets.json \
    && useradd --system --uid 10001 --no-create-home app \
    && chown -R app var
USER app

EXPOSE 8000
CMD ["gunicorn", "--config", "barbershop/gunicorn.conf.py", "--bind", "0.0.0.0:8000"]
