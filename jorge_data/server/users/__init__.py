"""Users: who may come in, how they log in and stay so, and the short tokens by which they ask."""
