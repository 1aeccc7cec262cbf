"""The demo of berth: one page where every service is seen at work."""
