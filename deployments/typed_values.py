"""What is typed and cannot be, though its type is right: said at once, with the option's name. Ends with 2."""

import math
import os
from pathlib import Path

import typer


def finite(value: float | None) -> float | None:
    """`inf` is above every least, and typer takes it for a number."""
    if value is not None and not math.isfinite(value):
        raise typer.BadParameter(f"{value} is no number")
    return value


def writable(file: Path | None) -> Path | None:
    """Before anything is read or computed for it."""
    if file is not None and not os.access(file if file.exists() else file.parent, os.W_OK):
        raise typer.BadParameter(f"{file} cannot be written: {file.parent} {'may not be' if file.parent.is_dir() else 'is no directory'}")
    return file
