"""The worker that folds every log into rollups."""
