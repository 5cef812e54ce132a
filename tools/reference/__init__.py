"""The reference: pages of `docs/reference/` that the code writes about itself. `make docs` writes them anew.

What stands there is read from the running code: commands from the Typer app, routes from the Litestar app and its
OpenAPI document, tables from the models, and their words from docstrings. No database is asked.
"""
