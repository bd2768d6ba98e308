"""What the field means. No files, database, web, clock or environment."""
