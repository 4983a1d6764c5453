"""``python -m mockserver``: the command line."""

from mockserver.entry import main

main()
