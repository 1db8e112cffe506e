"""Fixtures. One function binary and one Secrets Manager for all tests; accounts, chats and sandboxes for each."""

import json
import platform
import subprocess
from functools import cache
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from harness import ROOT, World, run

HOST = {"x86_64": "x86_64", "aarch64": "arm64"}[platform.machine()]


@cache
def release_assets():
    """The script that makes a release's files, as a module."""
    loader = SourceFileLoader("release_assets", str(ROOT / ".github/release-assets"))
    module = module_from_spec(spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def binary():
    """The function as it is deployed, but for the C library that it is linked to."""
    try:
        run(*"cargo build --release --locked --no-default-features --bin ncp-cert-alert".split(), timeout=1800)
    except AssertionError as error:
        pytest.exit(f"the function does not build\n{error}", returncode=1)
    metadata = subprocess.check_output("cargo metadata --format-version=1 --no-deps --locked".split(), cwd=ROOT)
    return Path(json.loads(metadata)["target_directory"]) / "release" / "ncp-cert-alert"


@pytest.fixture(scope="session")
def moto_url():
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture
def world(moto_url, binary):
    world = World(moto_url, binary)
    yield world
    world.stop()
