// What has the focus, and whether a reader sees that.
function colours(text) {
    return [...text.matchAll(/rgba?\(([^)]*)\)/g)].map(match => match[1].split(/[\s,/]+/).map(Number));
}

const focusable = [...document.querySelectorAll("a[href], summary, [tabindex='0']")].filter(
    element => element.checkVisibility() && element.getBoundingClientRect().height > 0);
const element = document.activeElement;
const style = getComputedStyle(element);
const box = element.getBoundingClientRect();
return {
    count: focusable.length,
    index: focusable.indexOf(element),
    name: `<${element.localName}> ${element.textContent.trim().slice(0, 30)}`,
    isMarked: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && colours(style.outlineColor).length > 0,
    isInView: box.bottom > 0 && box.top < window.innerHeight,
};
