"""What mockserver is compared with, run by uvicorn. ``BENCH_MATERIAL`` names the folder of what they serve."""
