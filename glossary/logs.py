"""How the log speaks of what is no fault of the service."""

import logging


class ClientFault(logging.Filter):
    """What a client got wrong is a warning of one line, without a traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_info = None
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True
