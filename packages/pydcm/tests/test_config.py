"""Options: defaults, validation, change notice, and that nothing expensive is imported."""

import importlib
import logging
import subprocess
import sys

import pytest

from pydcm import config
from pydcm.hooks import hooks


@pytest.fixture(autouse=True)
def _restore(monkeypatch):
    saved = {name: value for name, value in vars(config).items() if not name.startswith("__")}
    settings = dict(vars(config.settings))
    yield
    for name, value in saved.items():
        if name != "_generation":
            setattr(config, name, value)
    vars(config.settings).update(settings)


def test_import_is_cheap():
    code = (
        "import sys; import pydcm.config; "
        "print([m for m in ('logging', 'numpy', 'decimal', 'datetime') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


class TestChangeNotice:
    """``_generation`` is another object after every change."""

    def changed(self, act):
        before = config._generation
        act()
        return config._generation is not before

    def test_options(self):
        assert self.changed(lambda: setattr(config, "use_IS_numpy", True))
        assert self.changed(lambda: config.DS_numpy(True))
        assert self.changed(lambda: config.DS_numpy(False))
        assert self.changed(lambda: config.future_behavior(False))

    def test_settings(self):
        assert self.changed(lambda: setattr(config.settings, "reading_validation_mode", config.RAISE))
        assert self.changed(lambda: setattr(config.settings, "_writing_validation_mode", None))

    def test_deleted_option(self):
        config.made_up = 1
        assert self.changed(lambda: delattr(config, "made_up"))

    def test_hooks(self):
        kwargs = hooks.raw_element_kwargs
        assert self.changed(lambda: hooks.register_kwargs("raw_element_kwargs", {"a": 1}))
        assert self.changed(lambda: setattr(hooks, "raw_element_kwargs", kwargs))

    def test_reading_an_option_changes_nothing(self):
        assert not self.changed(lambda: (config.have_numpy, config.logger, config.use_DS_decimal))


class TestValidationModes:
    def test_defaults(self):
        assert config.settings.reading_validation_mode == config.WARN
        assert config.settings.writing_validation_mode == config.WARN

    def test_enforcing_applies_where_no_mode_is_set(self):
        config.enforce_valid_values = True
        config.settings.writing_validation_mode = config.IGNORE
        assert config.settings.reading_validation_mode == config.RAISE
        assert config.settings.writing_validation_mode == config.IGNORE

    def test_context_managers_restore_what_was_not_set(self):
        with config.disable_value_validation():
            assert config.settings.reading_validation_mode == config.IGNORE
            assert config.settings.writing_validation_mode == config.IGNORE
            with config.strict_reading():
                assert config.settings.reading_validation_mode == config.RAISE
            assert config.settings.reading_validation_mode == config.IGNORE
        assert config.settings._reading_validation_mode is None
        assert config.settings._writing_validation_mode is None

    def test_context_managers_restore_after_an_exception(self):
        with pytest.raises(KeyError), config.strict_reading():
            raise KeyError
        assert config.settings.reading_validation_mode == config.WARN


def test_buffered_read_size_is_positive():
    config.settings.buffered_read_size = 1
    with pytest.raises(ValueError, match="must be greater than 0"):
        config.settings.buffered_read_size = 0
    assert config.settings.buffered_read_size == 1


def test_decimal_and_numpy_exclude_each_other():
    config.DS_decimal(True)
    with pytest.raises(ValueError, match="use_DS_decimal"):
        config.DS_numpy(True)
    config.DS_decimal(False)
    config.DS_numpy(True)
    with pytest.raises(ValueError, match="use_DS_numpy"):
        config.DS_decimal(True)
    config.DS_numpy(False)
    config.DS_decimal(False)


def test_the_class_of_ds_follows():
    from pydcm import valuerep

    config.DS_decimal(True)
    assert valuerep.DSclass is valuerep.DSdecimal
    config.DS_decimal(False)
    assert valuerep.DSclass is valuerep.DSfloat


class TestFuture:
    def test_function(self):
        config.future_behavior()
        assert config._use_future
        assert config.INVALID_KEYWORD_BEHAVIOR == "RAISE"
        assert config.settings.writing_validation_mode == config.RAISE
        config.future_behavior(False)
        assert not config._use_future
        assert config.INVALID_KEYWORD_BEHAVIOR == "WARN"
        assert config.settings.writing_validation_mode == config.WARN

    @pytest.mark.parametrize(("text", "wish"), [("yes", True), ("TRUE", True), ("off", False), ("", False)])
    def test_environment(self, monkeypatch, text, wish):
        monkeypatch.setenv("PYDICOM_FUTURE", text)
        importlib.reload(config)
        assert config._use_future is wish

    def test_environment_must_be_clear(self, monkeypatch):
        monkeypatch.setenv("PYDICOM_FUTURE", "perhaps")
        with pytest.raises(ValueError, match="PYDICOM_FUTURE"):
            importlib.reload(config)
        monkeypatch.delenv("PYDICOM_FUTURE")
        importlib.reload(config)


class TestDebug:
    @pytest.fixture(autouse=True)
    def _handlers(self):
        before = list(config.logger.handlers), config.logger.level
        yield
        config.logger.handlers[:], config.logger.level = before
        config.debug(False, False)

    def test_silent_by_default(self):
        """In a process of its own: whatever ran before may have called debug()."""
        code = "import logging; from pydcm import config as c; print(*map(type, c.logger.handlers), c.logger.level, c.debugging)"
        result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert result.stdout.split() == ["<class", "'logging.NullHandler'>", str(logging.WARNING), "False"]

    def test_on_and_off(self):
        config.debug()
        assert config.debugging
        assert config.logger.level == logging.DEBUG
        assert type(config.logger.handlers[-1]) is logging.StreamHandler
        config.debug(False, False)
        assert not config.debugging
        assert config.logger.level == logging.WARNING


def test_callback_is_reset():
    config.data_element_callback = print
    config.data_element_callback_kwargs = {"a": 1}
    config.reset_data_element_callback()
    assert config.data_element_callback is None
    assert config.data_element_callback_kwargs == {}


def test_unknown_option():
    with pytest.raises(AttributeError, match="no_such_option"):
        _ = config.no_such_option
