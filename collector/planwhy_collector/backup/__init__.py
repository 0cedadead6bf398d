"""Backup and restore of both kinds of database, whole or not at all."""
