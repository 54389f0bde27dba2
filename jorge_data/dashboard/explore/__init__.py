"""The page Explore: its controls and the request that they make, and the request as code."""
