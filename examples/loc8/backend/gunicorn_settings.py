"""How gunicorn runs the backend in production."""

bind = "0.0.0.0:8000"
workers = 4
worker_class = "uvicorn_worker.UvicornWorker"
"""FastAPI speaks ASGI; gunicorn's gevent workers speak WSGI only."""
control_socket_disable = True
accesslog = "-"
graceful_timeout = 20
forwarded_allow_ips = "*"
