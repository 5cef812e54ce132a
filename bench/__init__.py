"""Benchmarks: `make bench NAME=… N=…`. One module or package a benchmark."""
