"""All pages of the reference by name."""

from collections.abc import Callable, Mapping

from tools.reference import api, commands, configuration, errors, events, jobs, schema, states

PAGES: Mapping[str, Callable[[], str]] = {
    "commands.md": commands.render,
    "api.md": api.render,
    "configuration.md": configuration.render,
    "states.md": states.render,
    "jobs.md": jobs.render,
    "errors.md": errors.render,
    "events.md": events.render,
    "schema.md": schema.render,
}
