"""The model files: two are pulled, the other formats are made from them once and kept outside the repository."""

import json
import pathlib
import sys

import processes

HERE = pathlib.Path(__file__).resolve().parent
# The format in which `nuthatch pull` delivers each model.
PULLED = {"smollm2": "Q4_1", "gemma3": "Q4_K_M"}
OPENVINO_FOLDER = "openvino-int4"


class Models:
    def __init__(self, folder, nuthatch, interpreters, threads):
        self.folder = pathlib.Path(folder).expanduser()
        self.nuthatch = nuthatch
        self.interpreters = interpreters
        self.threads = threads
        self.paths = {}

    def path(self, model, format):
        """The file (or folder) of a model in a format, made when first asked for."""
        key = (model, format)
        if key not in self.paths:
            self.paths[key] = self.pulled(model) if format == PULLED[model] else self.made(model, format)
        return self.paths[key]

    def pulled(self, model):
        output, _, _ = processes.run([self.nuthatch, "pull", model], limit=1800)
        return output.strip().splitlines()[-1]

    def made(self, model, format):
        source = self.path(model, PULLED[model])
        is_folder = format == OPENVINO_FOLDER
        target = self.folder / (f"{model}.{format}" if is_folder else f"{model}.{format}.gguf")
        if not target.exists():
            print(f"making {target}", file=sys.stderr)
            self.folder.mkdir(parents=True, exist_ok=True)
            # Written aside and renamed: a run that was broken off leaves no half of a model.
            unfinished = target.with_name("unfinished-" + target.name)
            work = {"kind": "export" if is_folder else "quantize", "model": source, "format": format,
                    "output": str(unfinished), "threads": self.threads}
            peer, script = ("export", "measure_transformers.py") if is_folder else ("llama", "measure_llama.py")
            processes.run([self.interpreters.path(peer), str(HERE / script), json.dumps(work)], limit=1800)
            unfinished.rename(target)
        return str(target)
