"""Fixtures. One function binary and one Secrets Manager for all tests; accounts, chats and sandboxes for each."""

import platform
import subprocess
from functools import cache
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import pytest

from harness import ROOT, World, moto, run, target_directory

HOST = {"x86_64": "x86_64", "aarch64": "arm64"}[platform.machine()]


def can_build(architecture):
    """Whether this toolchain has what it takes to build for a processor of Lambda."""
    target = {"x86_64": "x86_64", "arm64": "aarch64"}[architecture] + "-unknown-linux-gnu"
    command = ["rustc", "--print", "target-libdir", "--target", target]
    return Path(subprocess.check_output(command, cwd=ROOT, text=True, timeout=60).strip()).is_dir()


@cache
def release_assets():
    """The script that makes a release's files, as a module."""
    loader = SourceFileLoader("release_assets", str(ROOT / ".github/release-assets"))
    module = module_from_spec(spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


ARCHITECTURES = [HOST, *(one for one in ("x86_64", "arm64") if one != HOST and can_build(one))]


def pytest_report_header():
    return f"packages are built for: {', '.join(ARCHITECTURES)}"


def pytest_generate_tests(metafunc):
    if "architecture" in metafunc.fixturenames:
        metafunc.parametrize("architecture", ARCHITECTURES)


EXIT_STATUS = pytest.StashKey[int]()


def pytest_sessionfinish(session, exitstatus):
    session.config.stash[EXIT_STATUS] = exitstatus


def pytest_unconfigure(config):
    """One plain line at the very end. A run that stopped early has failed, whatever it counted."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    count = {kind: len(reporter.stats.get(kind, [])) for kind in ("passed", "failed", "error", "skipped")}
    failed = count["failed"] + count["error"] or int(config.stash.get(EXIT_STATUS, 1) != 0)
    skipped = f", {count['skipped']} skipped" if count["skipped"] else ""
    print(f"e2e: {count['passed']} passed, {failed} failed{skipped}")


@pytest.fixture(scope="session")
def binary():
    """The function as it is deployed, but for the C library that it is linked to."""
    build = "cargo build --release --locked --no-default-features --bin ncp-cert-alert"
    try:
        run(*build.split(), timeout=1800)
    except AssertionError as error:
        pytest.exit(f"the function does not build\n{error}", returncode=1)
    return target_directory() / "release" / "ncp-cert-alert"


@pytest.fixture(scope="session")
def moto_url():
    server, url = moto()
    yield url
    server.stop()


@pytest.fixture
def world(moto_url, binary):
    world = World(moto_url, binary)
    yield world
    world.stop()
