"""``pydcm plugins``: what is installed, and who wins each key."""

from __future__ import annotations

import argparse
from typing import Any

__all__ = ["register"]


def register(subparsers: argparse._SubParsersAction[Any]) -> None:
    """Register the sub-command."""
    parser = subparsers.add_parser(
        "plugins",
        help="list the installed plugins and what they provide",
        description="List the installed plugins, the public modules and, per key, who provides it: the first is used.",
    )
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="import every provider and say which are broken"
    )
    parser.set_defaults(func=_list)


def _list(args: argparse.Namespace) -> None:
    from .. import plugins
    from ..errors import PluginLoadError

    print("Plugins")
    for provider, info in plugins.plugins():
        said = f"broken: {info}" if isinstance(info, PluginLoadError) else info.summary
        print(f"  {provider.distribution} {provider.version}  {said}")
    _list_facades()
    for group in plugins.GROUPS:
        if group == "pydcm.plugins" or not plugins.keys(group):
            continue
        print(f"\n{group}")
        for key in plugins.keys(group):
            print(f"  {plugins.describe_key(key)}")
            for place, provider in enumerate(plugins.providers(group, key)):
                mark = "*" if place == 0 else " "
                line = f"    {mark} {provider.distribution} {provider.version}  {provider.value}"
                print(line + (_state(provider) if args.verbose else ""))


def _list_facades() -> None:
    from .._facade import FACADES, distribution_of, installed_names

    present = set(installed_names())
    print("\nPublic modules")
    for distribution in dict.fromkeys(map(distribution_of, FACADES)):
        names = [name for name in FACADES if distribution_of(name) == distribution]
        here = [name for name in names if name in present]
        absent = [name for name in names if name not in present]
        if here:
            print(f"  {distribution}: {', '.join(here)}")
        if absent:
            extra = distribution.removeprefix("pydcm-")
            print(f'  {distribution}, not installed (pip install "pydcm[{extra}]"): {", ".join(absent)}')


def _state(provider: Any) -> str:
    from ..errors import PluginLoadError

    try:
        provider.load()
    except PluginLoadError as exc:
        return f"  BROKEN: {exc}"
    return "  ok"
