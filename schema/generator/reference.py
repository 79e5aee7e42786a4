"""reference.md: a section per action, written from the schema alone."""


def page(model):
    return "# Reference\n"
