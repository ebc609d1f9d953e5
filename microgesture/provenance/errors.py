"""Errors that a person caused and can mend: one message, no stack trace."""


class BadInput(Exception):
    """Something brought from outside is wrong.

    The message names the file (and row and column where there is one), the offending value, what
    is wrong with it, and what to write instead. `microgesture.provenance.jobs.job` prints it
    alone, without a traceback, and ends the job with exit status 1.
    """
