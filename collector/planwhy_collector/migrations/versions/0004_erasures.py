"""Erasures of people, without their names"""

from alembic import op
import sqlalchemy as sa


revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('erasures',
    sa.Column('person', sa.LargeBinary(length=32), nullable=False),
    sa.Column('salt', sa.LargeBinary(length=16), nullable=False),
    sa.Column('erased_ms', sa.BigInteger(), nullable=False),
    sa.Column('erased_by', sa.BigInteger(), nullable=True),
    sa.Column('counts', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('person', name=op.f('pk_erasures'))
    )


def downgrade() -> None:
    op.drop_table('erasures')
