"""Who is in: the login, what stands before every route, and the users behind it."""
