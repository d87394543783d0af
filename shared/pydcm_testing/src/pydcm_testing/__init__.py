"""Helpers for the tests of the pydcm family: builders, strategies, sample files, the plugin contract, clean environments.

Import the module that is needed (``from pydcm_testing import builders``); nothing is imported here.
"""
