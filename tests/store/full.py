"""A database that is full, with the very error that SQLite then raises."""

from __future__ import annotations

import sqlalchemy as sa


def error_of_a_full_database() -> sa.exc.OperationalError:
    """What sqlalchemy raises for an insert that does not fit."""
    engine = sa.create_engine("sqlite://")
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 3")
            connection.exec_driver_sql("CREATE TABLE full (text TEXT)")
            for _ in range(10):
                connection.exec_driver_sql(f"INSERT INTO full VALUES ('{'x' * 4000}')")
    except sa.exc.OperationalError as error:
        return error
    finally:
        engine.dispose()
    raise AssertionError("the database took more than it may hold")
