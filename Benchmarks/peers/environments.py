"""The Python environments of the peers, made from the pinned requirements beside this file."""

import os
import pathlib
import shlex
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).resolve().parent
PEERS = ("llama", "openvino", "transformers", "export")
# llama.cpp is built for this very processor, AMX included; the header keeps older compilers from breaking AMX.
BUILD_FLAGS = f'-include "{HERE / "tile_configuration.h"}"'

# What a requirement brings along and must go again: nothing here reads images, and torchvision of the default index
# does not load beside a torch built for CPUs, after which transformers finds no models.
UNWANTED = {"export": ["torchvision"]}


class Interpreters:
    """One interpreter per peer: the one given, or that of an environment made when it is first asked for."""

    def __init__(self, folder, given):
        self.folder = pathlib.Path(folder).expanduser()
        self.given = {name: path for name, path in given.items() if path}

    def path(self, peer):
        if peer not in self.given:
            self.given[peer] = str(self.made(peer))
        return self.given[peer]

    def made(self, peer):
        requirements = HERE / "requirements" / f"{peer}.txt"
        place = self.folder / peer
        python = place / "bin" / "python"
        stamp = place / "installed.txt"
        if stamp.exists() and stamp.read_text() == requirements.read_text():
            return python
        print(f"making the environment {place} (llama.cpp takes some minutes to build)", file=sys.stderr)
        venv.create(place, with_pip=True, clear=True)
        command = [str(python), "-m", "pip", "install", "--quiet", "--requirement", str(requirements)]
        build = ["-DLLAVA_BUILD=OFF", "-DMTMD_BUILD=OFF", f"-DCMAKE_CXX_FLAGS={BUILD_FLAGS}"]
        variables = {**os.environ, "CMAKE_ARGS": shlex.join(build)}
        if subprocess.run(command, stdout=sys.stderr, env=variables).returncode != 0:
            sys.exit(f"pip can't install {requirements}. Remedy: read its messages above; "
                     f"or give an interpreter that has these packages with --{peer}-python.")
        for package in UNWANTED.get(peer, []):
            subprocess.run([str(python), "-m", "pip", "uninstall", "--quiet", "--yes", package], stdout=sys.stderr)
        stamp.write_text(requirements.read_text())
        return python
