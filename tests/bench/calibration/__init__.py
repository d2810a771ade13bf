"""Simulated studies of what the tests promise: level, power and coverage, with their Monte-Carlo errors."""
