"""The parts of gen.py: load and check the schema, then write each output."""
