"""The command `berth`: runs Pulumi for a stage, mends what a killed run left, and says how the stage is."""
