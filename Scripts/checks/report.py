"""Findings: where, what, and the remedy."""

from dataclasses import dataclass, field


@dataclass
class Report:
    findings: list[str] = field(default_factory=list)

    def add(self, path, line, what, remedy):
        place = f"{path}:{line}" if line else str(path)
        self.findings.append(f"{place}: {what}. Remedy: {remedy}.")
