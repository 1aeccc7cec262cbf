"""People who joined, and reports about them."""
