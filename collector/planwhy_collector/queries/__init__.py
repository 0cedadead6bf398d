"""All SQL, by topic. Every function takes a session and returns plain data."""
