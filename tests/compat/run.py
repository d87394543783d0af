#!/usr/bin/env python3
"""Run pydicom 3.0.2's own tests with pydcm in pydicom's place and print one row per test file.

usage: run.py [--only GLOB] [--target MODULE] [--cache DIR] [--corpus DIR] [--out FILE.json] [-- pytest arguments]

The exit code is 0 if every test that passes on pydicom (reference.json) passes on pydcm, except those listed in
expected_failures.txt, which must not. ``--target pydicom --write-reference`` makes reference.json anew.

Some tests need files of pydicom-data that its release on the package index lacks. They count where such files are found
in the folder ``--corpus`` (``$PYDCM_PIXEL_CORPUS``, or ``../shared/data/pixels`` beside the repository), named
``<anything>__pydicom-data__<name>``.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
REFERENCE = HERE / "reference.json"
EXPECTED = HERE / "expected_failures.txt"
BESIDE = HERE.parents[2] / "shared" / "data" / "pixels"
# What decides whether a corpus is there: samples that no package carries
FROM_CORPUS = {"parametric_map_float.dcm", "liver_nonbyte_aligned.dcm", "JLSL_RGB_ILV0.dcm"}
HANDLER_TESTS = {
    *(
        "test_JPEG_LS_transfer_syntax.py",
        "test_gdcm_pixel_data.py",
        "test_handler_util.py",
        "test_pylibjpeg.py",
    ),
    *("test_jpeg_ls_pixel_data.py", "test_numpy_pixel_data.py", "test_pillow_pixel_data.py"),
    *("test_rle_pixel_data.py", "test_overlay_np.py"),
}
MAX_CRASHES = 12
SECONDS_PER_FILE = 600


@dataclass
class FileResult:
    """What became of the tests of one file."""

    file: str
    outcomes: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)


def unpacked(name: str, version: str, cache: Path) -> Path:
    """Return the folder of a source distribution, fetched from the package index with pip if need be."""
    found = [path for path in cache.glob(f"{name.replace('-', '?')}-{version}") if path.is_dir()]
    if not found:
        cache.mkdir(parents=True, exist_ok=True)
        options = ["--quiet", "--no-deps", "--no-binary", ":all:", "--dest", str(cache)]
        subprocess.run([sys.executable, "-m", "pip", "download", *options, f"{name}=={version}"], check=True)
        with tarfile.open(next(cache.glob(f"{name.replace('-', '?')}-{version}.tar.gz"))) as archive:
            archive.extractall(cache, filter="data")
        return unpacked(name, version, cache)
    return found[0]


def run_file(
    file: str, source: Path, data: dict[str, Path], scratch: Path, target: str, extra: list[str]
) -> FileResult:
    """Run one test file, again without the test at hand whenever the process dies."""
    result = FileResult(file)
    home = _home(scratch, data)
    deselected: list[str] = []
    for _ in range(MAX_CRASHES):
        lines = scratch / "results.jsonl"
        lines.unlink(missing_ok=True)
        lines.touch()
        environment = {
            **os.environ,
            "HOME": str(home),
            "PYTHONPATH": str(HERE),
            "PYTHONDONTWRITEBYTECODE": "1",
            "OMP_NUM_THREADS": "1",
            "PYDCM_SUITE_TARGET": target,
            "PYDCM_SUITE_TESTS": str(source / "tests"),
            "PYDCM_SUITE_RESULTS": str(lines),
        }
        command = [sys.executable, "-m", "pytest", "-p", "suite_plugin", "-p", "no:cacheprovider", "-q"]
        command += ["--tb=short", "-o", "addopts=", "--rootdir", str(source), f"tests/{file}"]
        command += [word for test in deselected for word in ("--deselect", test)]
        with open(scratch / "output.txt", "wb") as output:
            process = subprocess.Popen(
                command + extra,
                cwd=source,
                env=environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
            try:
                process.wait(SECONDS_PER_FILE)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        current, ended = _collect(lines, result)
        if ended:
            return result
        if current is None:
            tail = (scratch / "output.txt").read_text(errors="replace")[-800:]
            result.broken.append(f"the process died with {process.returncode} before any test: {tail}")
            return result
        result.outcomes[current] = "crashed"
        result.reasons[current] = f"the process died with {process.returncode}"
        deselected.append(current)
    return result


def sample_files(data: Path, corpus: Path) -> tuple[dict[str, Path], bool]:
    """Return the files of pydicom-data that are to be had, by name, and whether that is all of them."""
    found = {path.name: path for path in data.iterdir() if path.is_file()}
    if corpus.is_dir():
        for path in corpus.glob("*__pydicom-data__*"):
            found.setdefault(path.name.rpartition("__")[2], path)
    return found, found.keys() >= FROM_CORPUS


def _home(scratch: Path, data: dict[str, Path]) -> Path:
    """Make a home directory with the files of pydicom-data in pydicom's download cache."""
    cache = scratch / "home" / ".pydicom" / "data"
    cache.mkdir(parents=True, exist_ok=True)
    for name, path in data.items():
        if not (cache / name).exists():
            shutil.copyfile(path, cache / name)
    return scratch / "home"


def _collect(lines: Path, result: FileResult) -> tuple[str | None, bool]:
    """Add what a run wrote to `result`; return the last test that began and whether the run came to its end."""
    current, ended = None, False
    for line in lines.read_text(encoding="utf-8").splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue  # the line that was being written when the process died
        kind, test = entry["kind"], entry.get("id")
        if kind == "collected":
            result.outcomes.setdefault(test, "not run")
        elif kind == "broken":
            result.broken.append(entry["why"])
        elif kind == "start":
            current = test
        elif kind == "end":
            ended = True
        elif entry["outcome"] == "failed":
            result.outcomes[test], result.reasons[test] = "failed", entry["why"]
        elif result.outcomes.get(test) != "failed":
            if entry["outcome"] == "skipped":
                result.outcomes[test] = "xfailed" if entry["xfail"] else "skipped"
            elif entry["when"] == "call":
                result.outcomes[test] = "passed"
    return current, ended


def normalised(test: str) -> str:
    """Drop directories from the paths in a test's parameters: they differ between machines."""
    name, bracket, parameters = test.partition("[")
    return name + bracket + re.sub(r"/(?:[^/\[\]\s]+/)+", "", parameters)


def compare(reference: list[str], outcomes: dict[str, str], corpus: bool) -> dict[str, str]:
    """Return the outcome of every test of the reference; of those that need the corpus only if it is there.

    A test that is not found by its name (pytest numbers parameters that it cannot name) is taken by its place, if its
    function has as many parameter sets as in the reference.
    """
    mine: dict[str, list[tuple[str, str]]] = {}
    for test, outcome in outcomes.items():
        mine.setdefault(test.partition("[")[0], []).append((normalised(test), outcome))
    theirs: dict[str, list[str]] = {}
    for entry in reference:
        theirs.setdefault(entry.lstrip("-+").partition("[")[0], []).append(entry)
    result = {}
    for function, entries in theirs.items():
        here = mine.get(function, [])
        by_name = dict(here)
        for place, entry in enumerate(entries):
            if entry.startswith("-") or (entry.startswith("+") and not corpus):
                continue  # there, but not passing on pydicom, or not without files that are not here
            test = entry.lstrip("+")
            by_place = here[place][1] if len(here) == len(entries) else "missing"
            result[test] = by_name.get(test, by_place)
    return result


def expected_failures() -> dict[str, str]:
    """Return the reasons by test, or test function, that may fail."""
    reasons = {}
    for line in EXPECTED.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            test, _, reason = line.partition("  ")
            reasons[test.strip()] = reason.strip()
    return reasons


def write_reference(old: dict[str, list[str]], runs: dict[str, dict[str, Any]]) -> None:
    """Write reference.json from a run on pydicom with the corpus.

    A ``-`` marks a test that does not pass, a ``+`` one that passes with the corpus only; the latter are kept as they are.
    """
    new = dict(old)
    for file, run in runs.items():
        with_corpus = {entry for entry in old.get(file, ()) if entry.startswith("+")}
        new[file] = []
        for test, outcome in run["outcomes"].items():
            name = normalised(test)
            mark = "-" if outcome != "passed" else "+" if f"+{name}" in with_corpus else ""
            new[file].append(mark + name)
    REFERENCE.write_text(json.dumps(new, indent=0) + "\n", encoding="utf-8")


def main() -> int:
    """Run the files that are asked for and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--target", default="pydcm")
    parser.add_argument("--only", default="*")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "pydicom-suite")
    parser.add_argument("--corpus", type=Path, default=Path(os.environ.get("PYDCM_PIXEL_CORPUS", BESIDE)))
    parser.add_argument("--write-reference", action="store_true", help="make reference.json from this run")
    parser.add_argument("pytest", nargs="*", help="arguments for pytest, after --")
    options = parser.parse_args()

    source = unpacked("pydicom", "3.0.2", options.cache)
    packaged = unpacked("pydicom-data", "1.0.0", options.cache) / "data_store" / "data"
    data, with_corpus = sample_files(packaged, options.corpus)
    if not with_corpus:
        print("Tests that need sample files which no package carries are not counted.")
    reference: dict[str, list[str]] = json.loads(REFERENCE.read_text(encoding="utf-8"))
    files = sorted(str(path.relative_to(source / "tests")) for path in (source / "tests").rglob("test_*.py"))
    expected = expected_failures()
    totals: Counter[tuple[str, str]] = Counter()
    surprises: list[str] = []
    kept_results = {}
    with tempfile.TemporaryDirectory(prefix="pydcm-compat-") as scratch:
        print(f"{'file':42} {'collected':>9} {'on pydicom':>10} {'kept':>6} {'expected':>8} {'%':>6}")
        for file in (file for file in files if fnmatch.fnmatch(file, options.only)):
            result = run_file(file, source, data, Path(scratch), options.target, options.pytest)
            judged = compare(reference.get(file, []), result.outcomes, with_corpus)
            lost = {test for test, outcome in judged.items() if outcome != "passed"}
            excused = {test for test in lost if test in expected or test.partition("[")[0] in expected}
            surprises += [
                f"{judged[test]}: {test}  {result.reasons.get(test, '')[-300:]}" for test in lost - excused
            ]
            surprises += [
                f"passes, but is listed: {test}" for test in judged if test in expected and test not in lost
            ]
            surprises += [f"cannot be collected: {file}: {why}" for why in result.broken]
            kept = len(judged) - len(lost)
            share = f"{100 * kept / len(judged):6.1f}" if judged else f"{'-':>6}"
            print(
                f"{file:42} {len(result.outcomes):9} {len(judged):10} {kept:6} {len(excused):8} {share}",
                flush=True,
            )
            part = "pixels" if file.startswith("pixels/") or file in HANDLER_TESTS else "others"
            totals.update({(part, "reference"): len(judged), (part, "kept"): kept})
            kept_results[file] = {
                "outcomes": result.outcomes,
                "reasons": result.reasons,
                "broken": result.broken,
            }
    if options.write_reference:
        write_reference(reference, kept_results)
        return 0
    if options.out:
        options.out.write_text(json.dumps(kept_results, indent=1), encoding="utf-8")
    for part, title in (("others", "outside pixels"), ("pixels", "pixels/ and handlers")):
        kept, of = totals[part, "kept"], totals[part, "reference"]
        share = f"{100 * kept / max(1, of):.2f} %"
        print(f"{title}: {kept} of {of} tests that pass on pydicom pass on {options.target}: {share}")
    for surprise in surprises:
        print(f"UNEXPECTED  {surprise}")
    passed = totals["pixels", "kept"] + totals["others", "kept"]
    print(f"{passed} passed, {len(surprises)} failed")
    return 1 if surprises else 0


if __name__ == "__main__":
    raise SystemExit(main())
