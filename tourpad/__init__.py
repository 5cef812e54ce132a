"""TourPad: the backend of a house-concert platform."""

__version__ = "0.1.0"
