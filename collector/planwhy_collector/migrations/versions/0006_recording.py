"""What agents record is declared as text; a device says which policy it has"""

from alembic import op
import sqlalchemy as sa


revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('recording_policies',
    sa.Column('applied_ms', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('applied_by', sa.Text(), nullable=False),
    sa.Column('asked', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('applied_ms', name=op.f('pk_recording_policies'))
    )
    with op.batch_alter_table('devices', schema=None) as batch_op:
        batch_op.add_column(sa.Column('policy_tag', sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('devices', schema=None) as batch_op:
        batch_op.drop_column('policy_tag')

    op.drop_table('recording_policies')
