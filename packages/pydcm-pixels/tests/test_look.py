"""Pictures in notebooks and in figures."""

from __future__ import annotations

import base64
import re

import numpy as np
import pytest

import pydcm
from pydcm import config


def picture_of(html):
    """Return the size that is asked for and the picture in the HTML."""
    image = pytest.importorskip("PIL.Image")
    from io import BytesIO

    found = re.search(
        r'<img src="data:image/png;base64,([^"]+)" width="(\d+)" height="(\d+)" alt="([^"]+)"', html
    )
    assert found, html[:200]
    with image.open(BytesIO(base64.b64decode(found[1]))) as picture:
        return np.asarray(picture), (int(found[3]), int(found[2])), found[4]


def test_notebooks_show_the_image(make_dataset):
    arr = np.arange(48, dtype="u1").reshape(6, 8) * 5
    ds = make_dataset(arr)
    ds.WindowCenter, ds.WindowWidth = 128, 256
    picture, size, text = picture_of(ds._repr_html_())
    assert np.array_equal(picture, arr)
    assert size == (24, 32)
    assert text == "image, 6 rows, 8 columns"
    assert "PixelRepresentation" in ds._repr_html_()


def test_large_images_are_reduced_and_have_their_proportions(make_dataset):
    ds = make_dataset(np.full((500, 1000, 3), (10, 200, 30), "u1"))
    ds.PixelSpacing = [2, 1]
    picture, size, _ = picture_of(ds._repr_html_())
    assert max(picture.shape) <= 256
    assert size == (256, 256)
    assert (picture == (10, 200, 30)).all()


def test_the_frame_in_the_middle(make_dataset):
    frames = np.stack([np.full((4, 4), at * 50, "u1") for at in range(5)])
    ds = make_dataset(frames, frames=True)
    ds.WindowCenter, ds.WindowWidth = 128, 256
    picture, _, text = picture_of(ds._repr_html_())
    assert (picture == 100).all()
    assert text.startswith("frame 3 of 5")


def test_no_picture(make_dataset, monkeypatch):
    ds = make_dataset(np.zeros((4, 4), "u1"))
    monkeypatch.setattr(config, "show_picture", False)
    assert "<img" not in ds._repr_html_()
    monkeypatch.undo()
    ds.Rows = 4000
    assert "no picture: ValueError" in ds._repr_html_()
    ds.Rows = ds.Columns = 60000
    assert "no picture: frames of 3600000000 samples" in ds._repr_html_()
    ds.PixelData = None
    assert "PixelData" in ds._repr_html_()
    del ds.PixelData
    assert "picture" not in ds._repr_html_()


@pytest.fixture
def plt():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    yield plt
    plt.close("all")


def test_show(make_dataset, plt, tmp_path):
    arr = np.arange(32, dtype="u2").reshape(4, 8)
    ds = make_dataset(arr)
    ds.Modality, ds.PixelSpacing = "MR", [3, 1.5]
    ds.save_as(tmp_path / "a.dcm", enforce_file_format=True)
    for source in (ds, tmp_path / "a.dcm"):
        axes = pydcm.show(source, window=(16, 32))
        drawn = axes.images[0]
        assert np.array_equal(drawn.get_array(), pydcm.render(ds, window=(16, 32)))
        assert axes.get_aspect() == 2
        assert (drawn.norm.vmin, drawn.norm.vmax) == (0, 255)
        assert axes.get_title() == "MR"


def test_show_in_a_figure_of_ones_own(make_dataset, plt):
    ds = make_dataset(np.zeros((3, 5, 6, 3), "u1"), frames=True)
    ds.PixelAspectRatio = [1, 2]
    _, axes = plt.subplots(1, 2)
    assert pydcm.show(ds, 2, ax=axes[1], interpolation="bilinear") is axes[1]
    assert axes[1].get_title() == "frame 2 of 3"
    assert axes[1].get_aspect() == 0.5
    assert axes[1].images[0].get_interpolation() == "bilinear"
    with pytest.raises(ValueError, match="no frame 4"):
        pydcm.show(ds, 4)
