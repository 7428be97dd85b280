"""The house rules that a formatter cannot check. Run by Scripts/check from the repository's root."""

import sys

from api import check_api
from commands import check_commands
from documented import check_all_documented
from grouped import check_all_grouped
from imports import check_imports
from lines import check_budget, check_lines, check_subjects
from links import check_all_links
from markdown import Page, handbook
from messages import check_all_messages
from named import check_all_named
from papers import check_all_papers
from places import check_places
from report import Report
from snippets import check_pages
from source import sources
from tutorials import check_all_tutorials
from twins import check_all_twins
from words import check_calls, check_foundation, check_names, check_unsafe, own_functions


def main():
    report = Report()
    rooms, tests = sources("Sources"), sources("Tests")
    # By folder: beside them lie the benchmarks' own checkouts and builds.
    benchmarks = sources("Benchmarks/KernelBenchmarks") + sources("Benchmarks/CPeaks")
    check_budget(rooms, report)
    check_budget(benchmarks, report)
    check_imports(rooms + tests, report)
    check_api(rooms, report)
    check_all_documented(rooms, report)
    check_unsafe(rooms + benchmarks, report)
    for source in rooms + tests + benchmarks:
        check_lines(source, report)
        check_subjects(source, report)
        check_names(source, report)
        check_foundation(source, report)
    declared = own_functions(rooms + benchmarks)
    for source in rooms + benchmarks:
        check_calls(source, declared, report)
    check_places(report)
    check_pages(report)
    check_all_tutorials(report)
    check_all_grouped(report)
    check_all_links(report)
    check_all_twins(report)
    check_all_papers(report)
    check_all_messages(report)
    check_all_named(report)
    for path in handbook():
        check_commands(Page(path), report)
    for finding in report.findings:
        print(finding)
    if report.findings:
        print(f"{len(report.findings)} findings.")
        return 1
    print(
        f"The house is in order: {len(rooms)} source files, {len(tests)} test files, "
        f"{len(benchmarks)} of benchmarks.")
    return 0


sys.exit(main())
