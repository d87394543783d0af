#!/usr/bin/env python3
"""The verbs of this repository.

Run with any Python, ``python3 noxfile.py -s demo`` makes ``.venv`` beside this file, installs nox there and runs it
again; nothing is installed anywhere else. ``python3 noxfile.py -l`` lists the sessions; what follows ``--`` goes to
the session.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "shared" / "tooling"))

if __name__ == "__main__":
    import bootstrap

    raise SystemExit(bootstrap.run_nox(ROOT, sys.argv[1:]))

import os
import shutil
import subprocess

import nox
import workspace

nox.needs_version = ">=2024.4.15"
nox.options.sessions = ["lint", "types", "tests"]
nox.options.default_venv_backend = "venv"
nox.options.error_on_missing_interpreters = True

TOOLING = ROOT / "shared" / "tooling"
SPACE = workspace.Workspace(ROOT)
SOURCES = ("noxfile.py", "packages", "shared", "tests", "docs")
CROSS = "cross-package"


def space_of(session):
    """Return the packages as they are built for a session: another Python than nox's own has wheels of its own."""
    if not session.python:
        return SPACE
    label = Path(session.python).parent.parent.name if os.sep in session.python else session.python
    return workspace.Workspace(ROOT, ROOT / "dist" / label, str(Path(session.bin, "python")))


def wheels(session, *names):
    """Build what has changed and return the wheels of `names` (all by default) and of the family they need."""
    space = space_of(session)
    space.build(session.log)
    return [str(space.wheel(package)) for package in space.with_family(names or space.names)]


def install_from_wheels(session, *names, groups=(), extra=()):
    """Install packages from their wheels with their declared dependencies and some of their dependency groups."""
    requirements = [line for name in names for group in groups for line in SPACE.group(name, group)]
    session.install(*wheels(session, *names), *requirements, *extra)


def pytest(session, *args):
    """Run pytest away from the sources: what is imported is what was installed."""
    environment = {"PYTHONDONTWRITEBYTECODE": "1", "PYDCM_DIST": str(space_of(session).dist)}
    session.run("pytest", "-p", "no:cacheprovider", *args, env=environment)


@nox.session
def build(session):
    """Build the wheels of all packages into dist/ (skipped while the sources are unchanged)."""
    SPACE.build(session.log, force="--force" in session.posargs)


@nox.session
def demo(session):
    """Read, print, change, write and decode a real file, and say where the picture is."""
    install_from_wheels(session, *SPACE.names)
    target = ROOT / "build" / "demo"
    target.mkdir(parents=True, exist_ok=True)
    session.run("python", str(TOOLING / "demo.py"), str(target), *session.posargs)


@nox.session
@nox.parametrize("package", [*SPACE.names, CROSS], ids=[*SPACE.names, CROSS])
def tests(session, package):
    """Test each package in a clean environment from its wheel, then what needs more than one package."""
    posargs = [arg for arg in session.posargs if arg != "--changed"]
    if "--changed" in session.posargs and package not in SPACE.changed(CROSS):
        session.skip(f"{package} has not changed")
    if package == CROSS:
        requirements = SPACE.root_group("cross")
        install_from_wheels(
            session, *SPACE.names, groups=["test"], extra=[*requirements, "./shared/pydcm_testing"]
        )
        pytest(session, "tests", "--ignore=tests/compat", *posargs)
        return
    install_from_wheels(session, package, groups=["test"], extra=["./shared/pydcm_testing"])
    if not any((ROOT / "packages" / package / "tests").rglob("test_*.py")):
        session.warn(f"{package} has no tests of its own")
        return
    pytest(session, f"packages/{package}/tests", *posargs)


@nox.session
@nox.parametrize("package", SPACE.names, ids=SPACE.names)
def lowest(session, package):
    """Test each package with the lowest version of everything that it and its extras declare."""
    constraints = Path(session.create_tmp(), "lowest.txt")
    constraints.write_text("\n".join(SPACE.lowest(package)) + "\n", encoding="utf-8")
    extra = ["--constraint", str(constraints), *SPACE.extras(package), "./shared/pydcm_testing"]
    install_from_wheels(session, package, groups=["test"], extra=extra)
    pytest(session, f"packages/{package}/tests", *session.posargs)


@nox.session
@nox.parametrize("package", SPACE.with_group("peers"), ids=SPACE.with_group("peers"))
def peers(session, package):
    """Test beside all that results are compared with; a test that is skipped for a missing package is a failure."""
    install_from_wheels(session, package, groups=["peers"], extra=["./shared/pydcm_testing"])
    pytest(session, "-p", "pydcm_testing.peers", f"packages/{package}/tests", *session.posargs)


@nox.session
def lint(session):
    """Check style and format with ruff, and the stubs of compiled modules against what was compiled."""
    session.install("ruff>=0.6", "mypy>=1.19")
    session.run("ruff", "check", "--output-format=concise", *existing(SOURCES))
    session.run("ruff", "format", "--check", "--output-format=concise", *existing(SOURCES))
    session.install(*wheels(session), "numpy>=1.26")
    modules = SPACE.compiled_modules()
    if modules:
        session.chdir(session.create_tmp())  # so that the installed modules are compared, not the sources
        allowlist = TOOLING / "stubtest-allowlist.txt"
        # Cython has no positional-only dunders, and no stub says which classes are laid out in C
        lenient = ("--ignore-unused-allowlist", "--ignore-positional-only", "--ignore-disjoint-bases")
        session.run("stubtest", "--allowlist", str(allowlist), *lenient, *modules)


@nox.session
def types(session):
    """Check the types with mypy and pyright."""
    chosen = [
        name for name in SPACE.names if "--changed" not in session.posargs or name in SPACE.changed(CROSS)
    ]
    if not chosen:
        session.skip("no package has changed")
    session.install("mypy>=1.11", "pyright[nodejs]>=1.1.380", *wheels(session), "numpy>=1.26", "pytest>=8")
    for name in chosen:
        session.run("mypy", f"packages/{name}/src")
    session.run("pyright", "--project", "pyproject.toml")  # named, or a file further up would count


@nox.session
def compat(session):
    """Run pydicom's own tests and third-party programs with pydcm in pydicom's place."""
    install_from_wheels(session, *SPACE.names, extra=[*SPACE.root_group("compat"), "./shared/pydcm_testing"])
    if "--programs-only" not in session.posargs:
        session.install("pydicom==3.0.2")  # for its sample files; its code is never imported
        arguments = [arg for arg in session.posargs if arg != "--suite-only"]
        session.run("python", "tests/compat/run.py", *arguments)
    if "--suite-only" not in session.posargs:
        # These must find no pydicom: their import of it has to be answered by pydcm
        session.run("python", "-m", "pip", "uninstall", "--quiet", "--yes", "pydicom")
        session.install("--no-deps", *SPACE.root_group("compat-programs"))
        pytest(session, "tests/compat/test_programs.py")


@nox.session
def bench(session):
    """Time pydcm beside its peers, interleaved, and print tables of ratios (``-- decode series`` only those)."""
    chosen = [arg for arg in session.posargs if not arg.startswith("-") and not os.path.exists(arg)]
    options = [arg for arg in session.posargs if arg not in chosen]
    scripts = [
        script
        for script in sorted((ROOT / "packages").glob("*/benchmarks/bench_*.py"))
        if not chosen or script.stem.removeprefix("bench_") in chosen
    ]
    install_from_wheels(session, *SPACE.names, groups=["bench"], extra=["./shared/pydcm_testing"])
    failed = []
    for script in scripts:
        try:
            # Each has to end: what hangs or grew too large is named, and does not stop the others
            session.run("python", str(TOOLING / "bounded.py"), "1200", str(script), *options)
        except nox.command.CommandFailed:
            failed.append(script.stem)
    if failed:
        session.error(f"these did not end well: {', '.join(failed)}")


@nox.session
def docs(session):
    """Build the documentation; a warning is an error."""
    install_from_wheels(session, *SPACE.names, extra=SPACE.root_group("docs"))
    session.run("sphinx-build", "-W", "--keep-going", "-q", "-b", "html", "docs", "docs/_build/html")
    session.log(f"open {ROOT / 'docs' / '_build' / 'html' / 'index.html'}")


@nox.session
def fuzz(session):
    """Fuzz everything that takes bytes from outside (``-- SECONDS`` for each target, 60 by default)."""
    install_from_wheels(session, *SPACE.names, groups=["test"], extra=["atheris", "./shared/pydcm_testing"])
    seconds = session.posargs[0] if session.posargs else "60"
    for target in sorted((ROOT / "packages").glob("*/tests/fuzz/fuzz_*.py")):
        corpus = session.create_tmp() + "/corpus-" + target.stem
        Path(corpus).mkdir(exist_ok=True)
        seeds = target.parent / "corpus" / target.stem.removeprefix("fuzz_")
        session.run(
            "python", "-m", "pydcm_testing.fuzzing", str(target), corpus, *([str(seeds)] if seeds.is_dir() else []),
            f"-max_total_time={seconds}", "-rss_limit_mb=2048", "-timeout=20",
        )  # fmt: skip


def run_special_build(session, name, run_env=None):
    """Build the wheels into a folder of their own, and run the packages' tests on them."""
    space = workspace.Workspace(ROOT, dist=ROOT / "dist" / name)
    space.build(session.log)
    requirements = [line for package in space.names for line in space.group(package, "test")]
    session.install(
        *[str(space.wheel(package)) for package in space.names], *requirements, "./shared/pydcm_testing"
    )
    for package in space.names:
        env = {"PYTHONDONTWRITEBYTECODE": "1", **(run_env or {})}
        session.run(
            "pytest", "-p", "no:cacheprovider", f"packages/{package}/tests", *session.posargs, env=env
        )


@nox.session
def debug(session):
    """Run the tests on a build with every bounds check on, compiled with -O1 -g (PYDCM_DEBUG_BUILD=1)."""
    os.environ["PYDCM_DEBUG_BUILD"] = "1"
    run_special_build(session, "debug")


@nox.session
def asan(session):
    """Run the tests under GCC's address sanitizer: reads and writes out of bounds, use after free."""
    os.environ |= {
        "CC": "gcc",
        "PYDCM_CFLAGS": "-fsanitize=address -O1 -g -fno-omit-frame-pointer",
        "PYDCM_LDFLAGS": "-fsanitize=address",
    }
    # The C++ library as well: codecs throw exceptions, and the sanitizer has to find what throws them
    libraries = [
        subprocess.run(
            ["gcc", f"-print-file-name={name}"], capture_output=True, text=True, check=True
        ).stdout.strip()
        for name in ("libasan.so", "libstdc++.so")
    ]
    # The interpreter itself never frees some of its memory: that is no leak of ours
    env = {"LD_PRELOAD": " ".join(libraries), "ASAN_OPTIONS": "detect_leaks=0:allocator_may_return_null=1"}
    run_special_build(session, "asan", env)


@nox.session(venv_backend="none")
def clean(session):
    """Remove everything that the other sessions made, except the environments."""
    for path in [
        ROOT / "dist",
        ROOT / "build",
        *ROOT.glob("packages/*/build"),
        *ROOT.glob("packages/*/src/*.egg-info"),
    ]:
        shutil.rmtree(path, ignore_errors=True)


def existing(names):
    """Return those of `names` that are there."""
    return [name for name in names if (ROOT / name).exists()]
