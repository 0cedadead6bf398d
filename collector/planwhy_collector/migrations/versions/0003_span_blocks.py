"""Spans in blocks of columns, by month on PostgreSQL; what each spool file covers; machines that were cloned

Nothing is moved here: the table `spans` is still written by collectors of the release before, and read by all. The job
`pack` moves its rows into blocks.
"""

from alembic import op
import sqlalchemy as sa


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('span_blocks',
    sa.Column('device_id', sa.BigInteger(), nullable=False),
    sa.Column('track', sa.SmallInteger(), nullable=False),
    sa.Column('start_ms', sa.BigInteger(), nullable=False),
    sa.Column('epoch_no', sa.SmallInteger(), nullable=False),
    sa.Column('first_seq', sa.BigInteger(), nullable=False),
    sa.Column('end_ms', sa.BigInteger(), nullable=False),
    sa.Column('spans', sa.SmallInteger(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('device_id', 'track', 'start_ms', 'epoch_no', 'first_seq', name=op.f('pk_span_blocks')),
    sqlite_with_rowid=False,
    postgresql_partition_by='RANGE (start_ms)',
    )
    if op.get_bind().dialect.name == 'postgresql':
        op.execute('CREATE TABLE span_blocks_default PARTITION OF span_blocks DEFAULT')
        # In the order in which batches take them, so that neither waits for the other.
        op.execute('LOCK TABLE devices, epochs IN ACCESS EXCLUSIVE MODE')
    # Plain ADD COLUMN on both databases: SQLite would otherwise copy the table, and lock writers out meanwhile.
    op.add_column('devices', sa.Column('cloned_ms', sa.BigInteger(), nullable=True))
    op.add_column('epochs', sa.Column('from_ms', sa.BigInteger(), nullable=True))
    op.add_column('epochs', sa.Column('until_ms', sa.BigInteger(), nullable=True))


def downgrade() -> None:
    raise NotImplementedError('there is no way back: restore the backup made before the upgrade')
