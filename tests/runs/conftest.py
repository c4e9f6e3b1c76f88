"""The small claim files of ``tests/files``."""

from files.conftest import lines, schedule, write  # noqa: F401  fixtures
