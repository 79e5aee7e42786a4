"""Prints at the end how many blocks of code of the documents are run."""
import documents


def pytest_terminal_summary(terminalreporter):
    terminalreporter.line(documents.summary())
