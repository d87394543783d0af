"""The command ``pydcm`` as ``python -m pydcm``."""

from .cli.main import run

if __name__ == "__main__":
    raise SystemExit(run())
