"""What may be configured: app.yaml and the stage become one frozen, checked model."""
