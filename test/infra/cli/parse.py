"""Has the Azure CLI's own parser read commands: one JSON list of arguments a line in, one JSON verdict a line out: the command,
null where the parser refuses, false where the CLI itself is broken.

It stops the CLI once the arguments are parsed. So it needs no login and no network, and runs no command.
"""

import json
import sys

from azure.cli.core import __version__, get_default_cli
from knack.events import EVENT_INVOKER_POST_PARSE_ARGS


class Parsed(Exception):
    pass


def stop(_cli, command, **_):
    raise Parsed(command)


cli = get_default_cli()
cli.register_event(EVENT_INVOKER_POST_PARSE_ARGS, stop)
print(json.dumps(__version__))
for line in sys.stdin:
    cli.invocation = cli.invocation_cls(
        cli_ctx=cli,
        parser_cls=cli.parser_cls,
        commands_loader_cls=cli.commands_loader_cls,
        help_cls=cli.help_cls,
    )
    try:
        cli.invocation.execute(json.loads(line))
    except Parsed as parsed:
        print(json.dumps(str(parsed)))
    except SystemExit:
        print('null')
    except ImportError:  # Debian's package lacks parts of its Key Vault module.
        print('false')
