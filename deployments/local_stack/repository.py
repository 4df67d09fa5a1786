"""Where the repository lies, and which version of its code a process was started with."""

import hashlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def version_of(*places: str) -> str:
    """Changes when a Python file of these packages, or one of these files, does. A running process must be started anew to see new code."""
    found = [path for place in places for path in ([ROOT / place] if (ROOT / place).is_file() else (ROOT / place).rglob("*.py"))]
    return hashlib.sha256("".join(f"{path}{path.stat().st_mtime_ns}" for path in sorted(found)).encode()).hexdigest()[:12]


def version_here(*names: str) -> str:
    """The same of modules of the local stack, by their names, and of its other files, by theirs with their ending."""
    return version_of(*(f"deployments/local_stack/{name if '.' in name else name + '.py'}" for name in names))
