"""PostgreSQL and Redis as our own children, from the binaries that two pip packages carry."""
