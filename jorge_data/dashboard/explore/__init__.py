"""The page Explore: its controls and the request that they make, saved views, and the request as code."""
