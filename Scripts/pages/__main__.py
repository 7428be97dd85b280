"""Shows pages of reports to a browser and says what is wrong with them. Run by Scripts/reports."""

import base64
import os
import sys
from pathlib import Path

from webdriver import Browser

HERE = Path(__file__).parent
WIDTHS = [(360, 780), (768, 1024), (1280, 900)]
THEMES = ["light", "dark"]
TAB = "\ue004"
# Roles that say nothing without a name.
NAMED = {"image", "img", "table", "region", "link", "navigation", "DisclosureTriangle", "DisclosureTriangleGrouped"}
# A page that breaks its own policy: what it does has to be refused, and heard of.
BREAKING = '<script>document.title = "broken"</script><p style="color: red">red</p><img src="data:,">'


def main(pages, screenshots):
    findings, looked = [], 0
    with Browser() as browser:
        paths = sorted(Path(pages).glob("*.html"))
        for path in paths:
            for width, height in WIDTHS:
                for theme in THEMES:
                    looked += 1
                    found = look(browser, path, width, height, theme, Path(screenshots))
                    findings += [f"{path.name}, {width}, {theme}: {finding}" for finding in found]
            findings += [f"{path.name}, narrow: {finding}" for finding in look_narrow(browser, path)]
            findings += [f"{path.name}: {finding}" for finding in break_policy(browser, path)]
    for finding in findings:
        print(finding)
    if not looked:
        print(f"There are no pages in {pages}.")
    print(f"{looked} views, {len(findings)} findings.")
    return 0 if looked and not findings else 1


def set_view(browser, width, height, theme):
    browser.command(
        "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
    browser.command("Emulation.setEmulatedMedia", media="screen", features=[
        {"name": "prefers-color-scheme", "value": theme}])


def look(browser, path, width, height, theme, screenshots):
    set_view(browser, width, height, theme)
    browser.messages()
    browser.show(path.absolute().as_uri())
    findings = [f"the console says: {message}" for message in browser.messages()]
    checks = (HERE / "page.js").read_text()
    findings += browser.run(checks)
    findings += tab_through(browser)
    picture(browser, width, screenshots / f"{path.stem}-{width}-{theme}.png")
    browser.run("document.querySelectorAll('details').forEach(each => { each.open = true })")
    findings += [finding + " (tables open)" for finding in browser.run(checks)]
    findings += names(browser)
    if axe := os.environ.get("NUTHATCH_AXE"):
        findings += ask_axe(browser, axe)
    return list(dict.fromkeys(findings))


def picture(browser, width, path):
    """The whole page, however long."""
    browser.run("document.activeElement.blur(); window.scrollTo(0, 0)")
    height = browser.run("return document.documentElement.scrollHeight")
    shot = browser.command(
        "Page.captureScreenshot", format="png", captureBeyondViewport=True,
        clip={"x": 0, "y": 0, "width": width, "height": min(height, 16000), "scale": 1})
    path.write_bytes(base64.b64decode(shot["data"]))


def tab_through(browser):
    """Every link, summary and scrolling region in turn, each with a visible focus."""
    browser.run("document.activeElement.blur(); window.scrollTo(0, 0)")
    script = (HERE / "focus.js").read_text()
    count = browser.run(script)["count"]
    findings, reached = [], []
    for _ in range(count):
        browser.press(TAB)
        focus = browser.run(script)
        reached.append(focus["index"])
        if not focus["isMarked"]:
            findings.append(f"{focus['name']} does not show that it has the focus")
        if not focus["isInView"]:
            findings.append(f"{focus['name']} is out of view with the focus")
    if reached != list(range(count)):
        findings.append(f"the Tab key goes to {reached}, of {count}")
    return findings


def names(browser):
    """What a screen reader is told: pictures, tables and regions have names."""
    browser.command("Accessibility.enable")
    findings, roles = [], []
    for node in browser.command("Accessibility.getFullAXTree")["nodes"]:
        if node.get("ignored"):
            continue
        role = node.get("role", {}).get("value", "")
        roles.append(role)
        if role in NAMED and not node.get("name", {}).get("value", "").strip():
            findings.append(f"a {role} has no name for a screen reader")
    drawings = browser.run(
        "return [...document.querySelectorAll('svg.chart')].filter(each => each.checkVisibility()).length")
    images = sum(role in ("image", "img") for role in roles)
    if images != drawings:
        findings.append(f"a screen reader finds {images} images, the page shows {drawings}")
    return findings


def ask_axe(browser, axe):
    """What axe-core finds, where NUTHATCH_AXE names its file."""
    browser.run(Path(axe).read_text() + "; window.axe = axe")
    found = browser.run_later(
        "axe.run(document, {resultTypes: ['violations']}).then(arguments[arguments.length - 1])")
    return [
        f"axe: {violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in found["violations"] for node in violation["nodes"]]


def look_narrow(browser, path):
    """Pages reflow down to 320 pixels too (WCAG 1.4.10)."""
    set_view(browser, 320, 640, "light")
    browser.show(path.absolute().as_uri())
    width = browser.run("return document.documentElement.scrollWidth")
    return [f"the page is {width} pixels wide in a window of 320"] if width > 320 else []


def break_policy(browser, path):
    """That the page's policy refuses what it is there to refuse."""
    broken = Path(browser.folder.name) / path.name
    broken.write_text(path.read_text(encoding="utf-8").replace("<main>", BREAKING + "<main>"), encoding="utf-8")
    browser.messages()
    browser.show(broken.as_uri())
    messages = " ".join(browser.messages())
    wanted = ["script-src", "style-src", "img-src"]
    findings = [f"nothing was refused by {name}" for name in wanted if name not in messages]
    if browser.run("return document.title") == "broken":
        findings.append("a script ran")
    return findings


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
