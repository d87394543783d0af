"""An index made by a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import pydcm
from pydcm_testing import builders

distributed = pytest.importorskip("distributed")


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Any]:
    """A client of a cluster of two processes on this machine, without a dashboard."""
    with (
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
            memory_limit="1GiB",
            local_directory=str(tmp_path / "dask"),
        ) as cluster,
        distributed.Client(cluster, timeout="60s") as client,
    ):
        yield client


def test_dask_executor(client: Any, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    for number in range(150):
        ds = builders.ct_image(InstanceNumber=number, SOPInstanceUID=f"1.2.3.{number}")
        (folder / f"{number:03}.dcm").write_bytes(builders.as_bytes(ds))
    (folder / "broken.dcm").write_bytes(b"\x00" * 200)
    table = pydcm.index(
        folder, tags=["InstanceNumber", "PixelSpacing"], executor=client.get_executor(), to="dict"
    )
    assert len(table["path"]) == 151
    assert sorted(number for number in table["InstanceNumber"] if number is not None) == list(range(150))
    assert table["PixelSpacing"][0] == [0.5, 0.5]
    broken = table["path"].index(str(folder / "broken.dcm"))
    assert "InvalidDicomError" in table["error"][broken]
    assert [error for error in table["error"] if error] == [table["error"][broken]]
