"""The backend of the check-in."""
