"""When and in what order: one Prefect flow a file."""
