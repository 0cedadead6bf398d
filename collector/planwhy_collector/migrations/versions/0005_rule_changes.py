"""Changes of rules touch only what they change; on SQLite the tables of totals need half the space"""

from alembic import op
import sqlalchemy as sa


revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('rejudged',
    sa.Column('context_id', sa.BigInteger(), nullable=False),
    sa.Column('profile', sa.Text(), nullable=False),
    sa.Column('step_ms', sa.BigInteger(), nullable=False),
    sa.Column('old', sa.Text(), nullable=False),
    sa.Column('new', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('context_id', 'profile', 'step_ms', name=op.f('pk_rejudged')),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('rule_sets', schema=None) as batch_op:
        batch_op.add_column(sa.Column('stage', sa.SmallInteger(), server_default='0', nullable=False))
    # Where every stored verdict is by the newest rules, and no day waits for them, their change is done.
    op.execute("""
        UPDATE rule_sets SET stage = 2
        WHERE applied_ms = (SELECT MAX(applied_ms) FROM rule_sets)
          AND NOT EXISTS (SELECT 1 FROM verdicts WHERE verdicts.version <> rule_sets.version)
          AND NOT EXISTS (SELECT 1 FROM days WHERE days.dirty = 0 AND days.version <> rule_sets.version)""")
    _rebuild(with_rowid=False)


def downgrade() -> None:
    _rebuild(with_rowid=True)
    # Days that the change had not reached yet ask for new verdicts, as the earlier release does it.
    op.execute("""
        UPDATE days SET dirty = 1 WHERE dirty = 0
          AND version <> (SELECT version FROM rule_sets ORDER BY applied_ms DESC LIMIT 1)""")
    with op.batch_alter_table('rule_sets', schema=None) as batch_op:
        batch_op.drop_column('stage')

    op.drop_table('rejudged')


def _rebuild(with_rowid: bool) -> None:
    """On SQLite: whether rows lie in the tree of their key."""
    if op.get_bind().dialect.name == 'sqlite':
        for table in ('contexts', 'verdicts', 'day_contexts', 'day_totals'):
            options = {'sqlite_with_rowid': with_rowid}
            with op.batch_alter_table(table, schema=None, recreate='always', table_kwargs=options):
                pass
