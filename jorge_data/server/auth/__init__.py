"""Who asks, and what their token says: tokens, claims, revocations, rate limits."""
