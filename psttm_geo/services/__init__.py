"""Everyday services: official registers, merged with those of OpenStreetMap."""
