"""Scoring methods, one per file: arrays in, arrays out, nothing but numpy, scipy and numba."""
