// What can be asserted from within a page. The last expression gives sentences on what is wrong.
const findings = [];
const root = document.documentElement;

function isSeen(element) {
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && element.checkVisibility() && !element.closest(".unseen, title, desc");
}

function shown(element) {
    const text = (element.getAttribute("aria-label") ?? element.textContent).trim().slice(0, 40);
    return `<${element.localName} class="${element.getAttribute("class") ?? ""}"> "${text}"`;
}

// Colours as the page computes them: rgb(), rgba(), or color(srgb ...), which color-mix() gives.
function colours(text) {
    return [...text.matchAll(/rgba?\(([^)]*)\)|color\(srgb ([^)]*)\)/g)].map(match => {
        const numbers = (match[1] ?? match[2]).split(/[\s,/]+/).map(Number);
        const scale = match[1] === undefined ? 255 : 1;
        return [numbers[0] * scale, numbers[1] * scale, numbers[2] * scale, numbers[3] ?? 1];
    });
}

function over(above, below) {
    return [0, 1, 2].map(index => above[index] * above[3] + below[index] * (1 - above[3])).concat(1);
}

function luminance(colour) {
    const [red, green, blue] = colour.map(value => {
        const share = value / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

// WCAG 2.2, contrast ratio.
function contrast(one, other) {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
}

// All colours that may lie behind an element: a gradient has several.
function grounds(element) {
    for (let each = element; each; each = each.parentElement) {
        const style = getComputedStyle(each);
        const image = colours(style.backgroundImage);
        if (image.length > 0) { return image; }
        const [colour] = colours(style.backgroundColor);
        if (colour && colour[3] === 1) { return [colour]; }
        if (colour && colour[3] > 0) { return grounds(each.parentElement).map(below => over(colour, below)); }
    }
    return [[255, 255, 255, 1]];
}

// What a text of a drawing stands on: its own halo, or the shape that was drawn before it, or the page.
function groundsInDrawing(text) {
    const style = getComputedStyle(text);
    if (style.stroke !== "none" && style.paintOrder.startsWith("stroke")) { return colours(style.stroke); }
    const box = text.getBoundingClientRect();
    for (const shape of text.ownerSVGElement.querySelectorAll("rect, circle, path.mark, path.band")) {
        const other = shape.getBoundingClientRect();
        const touches = box.left < other.right && other.left < box.right && box.top < other.bottom
            && other.top < box.bottom;
        if (touches && getComputedStyle(shape).fill !== "none" && !shape.closest("defs")) {
            findings.push(`${shown(text)} stands on ${shown(shape)}`);
        }
    }
    return grounds(text.ownerSVGElement);
}

function checkTexts() {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const element = node.parentElement;
        if (node.data.trim() === "" || !isSeen(element)) { continue; }
        const style = getComputedStyle(element);
        const drawing = element.ownerSVGElement;
        const [ink] = colours(drawing ? style.fill : style.color);
        for (const ground of drawing ? groundsInDrawing(element) : grounds(element)) {
            const ratio = contrast(over(ink, ground), ground);
            if (ratio < 4.5) { findings.push(`${shown(element)} has a contrast of ${ratio.toFixed(2)}, 4.5 wanted`); }
        }
        const scale = drawing ? drawing.getBoundingClientRect().width / drawing.viewBox.baseVal.width : 1;
        const size = parseFloat(style.fontSize) * scale;
        // The signs of cells repeat what their ground says.
        if (size < 10.95) { findings.push(`${shown(element)} is ${size.toFixed(1)} pixels high, 11 wanted`); }
    }
}

// Lines and marks need 3 to 1 (WCAG 1.4.11); a grid and a band are decoration beside them.
function checkMarks() {
    for (const mark of document.querySelectorAll("svg .line, svg .mark, svg .bar, svg .whisker, svg .reference")) {
        if (!isSeen(mark.ownerSVGElement)) { continue; }
        const style = getComputedStyle(mark);
        const best = Math.max(...[style.fill, style.stroke].flatMap(colours).map(
            colour => Math.min(...grounds(mark.ownerSVGElement).map(ground => contrast(colour, ground)))));
        if (best < 3) { findings.push(`${shown(mark)} has a contrast of ${best.toFixed(2)}, 3 wanted`); }
    }
}

function checkDrawings() {
    for (const drawing of document.querySelectorAll("svg.chart")) {
        if (!isSeen(drawing)) { continue; }
        const frame = drawing.getBoundingClientRect();
        const texts = [...drawing.querySelectorAll("text")].filter(text => text.textContent.trim() !== "");
        const boxes = texts.map(text => text.getBoundingClientRect());
        boxes.forEach((box, index) => {
            if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1
                || box.bottom > frame.bottom + 1) {
                findings.push(`${shown(texts[index])} goes beyond its drawing`);
            }
            for (let other = 0; other < index; other += 1) {
                const width = Math.min(box.right, boxes[other].right) - Math.max(box.left, boxes[other].left);
                const height = Math.min(box.bottom, boxes[other].bottom) - Math.max(box.top, boxes[other].top);
                // A line's box is higher than its letters.
                if (width > 0 && height > 2) {
                    findings.push(`${shown(texts[index])} overlaps ${shown(texts[other])}`);
                }
            }
        });
        for (const number of drawing.outerHTML.matchAll(/NaN|inf(?=[ "])/g)) { findings.push(`${number[0]} in a drawing`); }
    }
}

function checkStructure() {
    const names = [...document.querySelectorAll("[id]")].map(element => element.id);
    if (new Set(names).size < names.length) { findings.push("two elements have one id"); }
    for (const element of document.querySelectorAll("[aria-labelledby]")) {
        for (const name of element.getAttribute("aria-labelledby").split(" ")) {
            if (!document.getElementById(name)) { findings.push(`${shown(element)} is named by ${name}, which isn't there`); }
        }
    }
    for (const figure of document.querySelectorAll("figure.chart")) {
        const drawings = [...figure.querySelectorAll("svg.chart")].filter(isSeen);
        if (figure.querySelector("svg.chart") && drawings.length !== 1) {
            findings.push(`${shown(figure)} shows ${drawings.length} drawings`);
        }
        if (drawings.length > 0 && !figure.querySelector("details table")) { findings.push(`${shown(figure)} has no table`); }
    }
    for (const cell of document.querySelectorAll("th")) {
        if (!["row", "col"].includes(cell.scope)) { findings.push(`${shown(cell)} has no scope`); }
    }
    let level = 0;
    for (const heading of document.querySelectorAll("h1, h2, h3, h4")) {
        const next = Number(heading.localName[1]);
        if (next > level + 1) { findings.push(`${shown(heading)} follows a heading of level ${level}`); }
        level = next;
    }
    for (const element of document.querySelectorAll("summary, nav a")) {
        const box = element.getBoundingClientRect();
        if (isSeen(element) && box.height < 24) { findings.push(`${shown(element)} is ${box.height} pixels high, 24 wanted`); }
    }
}

if (root.scrollWidth > window.innerWidth) {
    findings.push(`the page is ${root.scrollWidth} pixels wide in a window of ${window.innerWidth}`);
}
checkTexts();
checkMarks();
checkDrawings();
checkStructure();
return [...new Set(findings)];
