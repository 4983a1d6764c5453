"""The servers that mockserver is compared with, run by uvicorn. ``BENCH_MATERIAL`` is the folder with their data."""
