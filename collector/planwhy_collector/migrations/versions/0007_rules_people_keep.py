"""Rules have a history and share their texts; suggestions for what no rule knows; objections to labels"""

from alembic import op
import sqlalchemy as sa


revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('rule_texts',
    sa.Column('digest', sa.Text(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_rule_texts'))
    )
    op.create_table('rule_events',
    sa.Column('at_ms', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('version', sa.Text(), nullable=False),
    sa.Column('changed_by', sa.Text(), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('at_ms', name=op.f('pk_rule_events'))
    )
    op.execute("""
        INSERT INTO rule_events (at_ms, version, changed_by, kind, note)
        SELECT applied_ms, version, applied_by, CASE applied_by WHEN 'release' THEN 'release' ELSE 'applied' END, ''
        FROM rule_sets""")
    op.create_table('suggestions',
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('category', sa.Text(), nullable=False),
    sa.Column('confidence', sa.Float(), nullable=False),
    sa.Column('made_ms', sa.BigInteger(), nullable=False),
    sa.Column('version', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('kind', 'subject', name=op.f('pk_suggestions'))
    )
    op.create_table('objections',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('employee_id', sa.BigInteger(), nullable=False),
    sa.Column('user_id', sa.BigInteger(), nullable=False),
    sa.Column('at_ms', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('label', sa.String(length=8), nullable=False),
    sa.Column('category', sa.Text(), nullable=False),
    sa.Column('area', sa.String(length=8), nullable=False),
    sa.Column('rule', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('decided_ms', sa.BigInteger(), nullable=True),
    sa.Column('decided_by', sa.BigInteger(), nullable=True),
    sa.Column('accepted', sa.Boolean(), nullable=True),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_objections'))
    )
    with op.batch_alter_table('objections', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_objections_employee_id'), ['employee_id'], unique=False)


def downgrade() -> None:
    op.drop_table('objections')
    op.drop_table('suggestions')
    op.drop_table('rule_events')
    op.drop_table('rule_texts')
