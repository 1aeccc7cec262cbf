"""Reusable parts: each module creates one kind of service, or is a part that several of them share."""
