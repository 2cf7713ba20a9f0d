"""The entries of the bundled leaderboards: each module's `entries(data)` maps a name to a function that predicts."""
