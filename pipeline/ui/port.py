"""Whether the port of the UI is free, asked before anything starts: Dagster's daemon would go on for a while without a web server."""

import errno
import socket

from pipeline.errors import ConfigError

HOST = "127.0.0.1"
"""Where Dagster's web server listens unless it is told otherwise."""
OF_ROOT = 1024


def refuse_taken(port: int) -> None:
    """Refuse a port on which nobody can listen now.

    Raises:
        ConfigError: another program listens there, or this account may not.
    """
    try:
        socket.create_server((HOST, port)).close()
    except OSError as error:
        if error.errno == errno.EACCES:
            raise ConfigError(f"--port {port} is not for this account; give one from {OF_ROOT} on") from None
        if error.errno != errno.EADDRINUSE:
            raise
        raise ConfigError(f"--port {port} is in use by another program; stop it, or give another --port") from None
