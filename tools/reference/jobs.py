"""`jobs.md`: the timetable."""

from tools.reference.text import code, doc, dotted, page, prose, table


def render() -> str:
    """The page."""
    from tourpad.jobs.timetable import TIMETABLE

    intro = (
        "Everything that happens by itself, from `tourpad/jobs/timetable.py`. A slot is a scheduled instant; whoever"
        " inserts its row runs it, so any number of `tourpad jobs start` run each slot once. `tourpad jobs run NAME`"
        " runs one now, `tourpad jobs history` shows what each run did."
    )
    rows = [(f"[`{job.name}`](#{job.name})", str(job.schedule), job.doc) for job in TIMETABLE]
    details = [
        f"## {job.name}\n\n{prose(doc(job.run))}\n\nRuns {job.schedule}: {code(dotted(job.run))}." for job in TIMETABLE
    ]
    return page("Jobs", intro, table(("job", "when", "what"), rows), *details)
