"""The live page under /_mock/, which draws what clients did, and the report that is a file of it."""
