"""The commands: each option is also a setting."""

import typer

from jorge_data.cli.backup import backup
from jorge_data.cli.demo import demo
from jorge_data.cli.doctor import doctor
from jorge_data.cli.erase import erase
from jorge_data.cli.export import export
from jorge_data.cli.export_contact import export_contact
from jorge_data.cli.import_ import import_
from jorge_data.cli.keys import keys
from jorge_data.cli.move import move
from jorge_data.cli.rebuild import rebuild
from jorge_data.cli.restore import restore
from jorge_data.cli.retranslate import retranslate
from jorge_data.cli.schema import schema
from jorge_data.cli.serve import serve
from jorge_data.cli.sync import sync
from jorge_data.cli.token import token
from jorge_data.cli.users import users

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
for command in (
    serve,
    demo,
    token,
    sync,
    rebuild,
    schema,
    retranslate,
    import_,
    export,
    backup,
    restore,
    move,
    doctor,
    erase,
    export_contact,
):
    app.command(command.__name__.rstrip("_").replace("_", "-"))(command)
for name, group in (("users", users), ("keys", keys)):
    app.add_typer(group, name=name)
