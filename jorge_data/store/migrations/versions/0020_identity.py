"""To which user each token goes back, and which account of a login provider is whose."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.add_column("tokens", sa.Column("user", sa.Integer))
    # Until now a name told whose it was: of whoever is called so, for a token too few is better than one too many.
    op.execute("UPDATE tokens SET user = (SELECT id FROM users WHERE name = issued_by)")
    op.create_index("tokens_user", "tokens", ["user"])
    for name in ("issuer", "subject"):
        op.add_column("users", sa.Column(name, sa.Text))
    op.create_index("users_identity", "users", ["issuer", "subject"], unique=True)
