"""The dashboard: pages over the query API, and a live wall that each location's feed updates in every open tab."""
