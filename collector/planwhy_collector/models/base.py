"""The declarative base and the column types that mean the same on SQLite and PostgreSQL.

Instants are BIGINT milliseconds UTC, days are DATE in the person's zone, money is BIGINT ten-thousandths.
"""

from decimal import Decimal

from sqlalchemy import BigInteger, MetaData
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
MONEY_STEP = Decimal("0.0001")


class Base(DeclarativeBase):
    """The base of all tables; constraint names are stable so that migrations can name them."""

    metadata = MetaData(naming_convention=NAMING)


class Money(TypeDecorator[Decimal]):
    """An exact amount: Decimal in Python, an integer of ten-thousandths in the database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        """Decimal to ten-thousandths; finer digits are rounded."""
        return None if value is None else int((value / MONEY_STEP).to_integral_value())

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        """Ten-thousandths to Decimal."""
        return None if value is None else value * MONEY_STEP
