"""The version, in the one place that the build also reads."""

__version__ = "0.1.0"
