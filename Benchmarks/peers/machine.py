"""What this machine is, for the head of the report."""

import os
import pathlib
import platform

# Instruction sets that matter to the engines, as /proc/cpuinfo spells them.
INSTRUCTION_SETS = ("avx2", "fma", "f16c", "avx_vnni", "avx512f", "avx512bw", "avx512_vnni", "avx512_bf16",
                    "avx512_fp16", "amx_int8", "amx_bf16", "asimd", "asimddp", "asimdhp", "i8mm", "bf16", "sve")


def description():
    """(name, text) pairs."""
    processor = cpuinfo()
    flags = (processor.get("flags") or processor.get("Features", "")).split()
    rows = [
        ("processor", processor.get("model name", platform.processor() or platform.machine())),
        ("family, model, stepping",
         " / ".join(processor.get(name, "?") for name in ("cpu family", "model", "stepping"))),
        ("cores", f"{os.cpu_count()}" + (" of a virtual machine" if "hypervisor" in flags else "")),
        ("instruction sets", ", ".join(name for name in INSTRUCTION_SETS if name in flags)),
        ("caches", caches()),
        ("memory", memory()),
        ("huge pages", first_line("/sys/kernel/mm/transparent_hugepage/enabled")),
        ("system", f"{platform.system()} {platform.release()}, {operating_system()}"),
    ]
    return [(name, text) for name, text in rows if text]


def cpuinfo():
    """The first processor of /proc/cpuinfo."""
    fields = {}
    for line in first_lines("/proc/cpuinfo"):
        if not line.strip():
            break
        name, _, value = line.partition(":")
        fields[name.strip()] = value.strip()
    return fields


def caches():
    found = []
    for index in sorted(pathlib.Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        level, kind, size = (first_line(index / name) for name in ("level", "type", "size"))
        found.append(f"L{level} {kind.lower()} {size}")
    return ", ".join(found)


def memory():
    for line in first_lines("/proc/meminfo"):
        if line.startswith("MemTotal"):
            return f"{int(line.split()[1]) / 2**20:.1f} GiB"
    return ""


def operating_system():
    for line in first_lines("/etc/os-release"):
        if line.startswith("PRETTY_NAME"):
            return line.partition("=")[2].strip().strip('"')
    return platform.platform()


def first_lines(path):
    try:
        return pathlib.Path(path).read_text(errors="replace").splitlines()
    except OSError:
        return []


def first_line(path):
    return next(iter(first_lines(path)), "")
