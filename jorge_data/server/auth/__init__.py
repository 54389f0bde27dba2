"""Authentication and authorization of requests: tokens, claims, revocations, rate limits."""
