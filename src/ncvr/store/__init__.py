"""The database: tables, connections, and one module of questions and answers per noun. SQL lives here and nowhere else."""
