"""What Story 12.1 (reference 003_0b3cb45fa018baa7) demands of examples/story, a row for each demand, under the heading of its place there."""

ORDER = {
    # Service Startup Sequence; Health Check Flow, Service Dependencies
    "backend waits for db": ("backend", "db"),
    "backend waits for redis": ("backend", "redis"),
    "frontend waits for backend": ("frontend", "backend"),
    "proxy waits for frontend": ("proxy", "frontend"),
    "proxy waits for backend": ("proxy", "backend"),
}

ROUTES = {
    # Network Flow Diagram, Routes
    "/": "5173",
    "/api/v1/users/": "8000",
    "/admin/login/": "8000",
    "/static/admin/css/base.css": "8000",
    "/@vite/client": "5173",
    # Data Flow - Frontend Access
    "/team": "5173",
    "/src/main.jsx": "5173",
    "/api/v1/config/frontend/": "8000",
    # Health Check Flow
    "/api/v1/health/": "8000",
    "/health": "8000",
}

VOLUMES = {
    # Volume Mounting Strategy, Named Volumes
    "app-postgres-data": ("db", "/var/lib/postgresql/data", "db-data"),
    "app-redis-data": ("redis", "/data", "redis-data"),
    "app-backend-media": ("backend", "/app/media", "backend-media"),
    "app-backend-static": ("backend", "/app/staticfiles", "backend-static"),
    "app-frontend-node-modules": ("frontend", "/app/node_modules", "frontend-node-modules"),
}

FOLDERS = {
    # Volume Mounting Strategy, Bind Mounts
    "./backend": ("backend", "/app", "backend"),
    "./frontend/src": ("frontend", "/app/src", "frontend/src"),
    "./frontend/public": ("frontend", "/app/public", "frontend/public"),
}

LIMITS = {
    # Resource Allocation: cores, MiB, and MiB that are reserved. CPU reservations are not to be had on a plain engine.
    "proxy": (0.5, 256, 128),
    "frontend": (2.0, 2048, 512),
    "backend": (2.0, 1024, 512),
    "db": (1.0, 512, 256),
    "redis": (0.5, 256, 128),
}

HEALTH = {
    # Health Check Flow
    "db": "backend_db",
    "redis": "ping",
    "backend": "http 8000 /api/v1/health/",
    "frontend": "http 5173 /",
    "proxy": "http",
}

REACHABLE = {
    # Network Isolation, Internal Communication
    "proxy can reach frontend": ("proxy", "frontend", 5173, True),
    "proxy can reach backend": ("proxy", "backend", 8000, True),
    "frontend can reach backend": ("frontend", "backend", 8000, True),
    "backend can reach db": ("backend", "db", 5432, True),
    "backend can reach redis": ("backend", "redis", 6379, True),
    # and what nothing is said of
    "frontend can reach db": ("frontend", "db", 5432, False),
    "frontend can reach redis": ("frontend", "redis", 6379, False),
}

PROD_ROUTES = {
    # the same in prod, where no Vite runs, and the proxy serves files by itself
    "/": "5173",
    "/team": "5173",
    "/api/v1/users/": "8000",
    "/admin/login/": "8000",
    "/health": "8000",
    "/static/admin/css/base.css": "-",
}
