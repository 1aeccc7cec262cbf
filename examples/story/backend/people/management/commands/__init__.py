"""Commands of the backend."""
