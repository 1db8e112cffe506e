// Measures what is drawn: whether all of it can be read.

"use strict";

/** The least contrast of text: https://www.w3.org/TR/WCAG21/#contrast-minimum. */
const CONTRAST = 4.5;

/** How far, in pixels, rounding may put something outside. */
const TOLERANCE = 1;

/** Everything that keeps what is in `stage` from being read; `texts`, if they are given, must all be there. */
function measure(stage, texts) {
    return [
        ...overflow(),
        ...clipped(stage),
        ...overlapping(stage),
        ...(texts ? missing(stage, texts) : []),
        ...faint(stage),
    ];
}

const brief = (text) => JSON.stringify(text.trim().replace(/\s+/g, " ").slice(0, 60));

function textNodes(stage) {
    const walker = document.createTreeWalker(stage, NodeFilter.SHOW_TEXT);
    const nodes = [];
    while (walker.nextNode()) {
        const { parentElement, data } = walker.currentNode;
        if (data.trim() && parentElement.checkVisibility() && !parentElement.closest("script, style"))
            nodes.push(walker.currentNode);
    }
    return nodes;
}

/** That nobody has to scroll sideways. */
function overflow() {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth > clientWidth
        ? [`overflow: the page is ${scrollWidth} px wide, the window ${clientWidth} px`]
        : [];
}

/** That no text is cut off, or runs out of the box that it belongs to. */
function clipped(stage) {
    const problems = [];
    for (const element of stage.querySelectorAll("*")) {
        const { overflowX, overflowY } = getComputedStyle(element);
        const { scrollWidth, clientWidth, scrollHeight, clientHeight } = element;
        // An inline element has no box of its own.
        if (clientWidth === 0 && clientHeight === 0) continue;
        if (scrollWidth > clientWidth + TOLERANCE) {
            problems.push(
                `clipped: ${brief(element.textContent)} needs ${scrollWidth} px of width and has ${clientWidth}`,
            );
        }
        // What overflows visibly is found below; a line's own box may be lower than its letters.
        if ((overflowX !== "visible" || overflowY !== "visible") && scrollHeight > clientHeight + 4) {
            problems.push(
                `clipped: ${brief(element.textContent)} needs ${scrollHeight} px of height and has ${clientHeight}`,
            );
        }
    }
    for (const node of textNodes(stage)) {
        let box = node.parentElement;
        while (getComputedStyle(box).display === "inline") box = box.parentElement;
        const outer = box.getBoundingClientRect();
        const half = parseFloat(getComputedStyle(node.parentElement).fontSize) / 2;
        const range = document.createRange();
        range.selectNodeContents(node);
        for (const rect of range.getClientRects()) {
            const middle = (rect.top + rect.bottom) / 2;
            const isOutside =
                rect.left < outer.left - TOLERANCE ||
                // Blanks at the end of a line may hang over its edge.
                (rect.right > outer.right + TOLERANCE && rect.width > half) ||
                middle - half < outer.top - TOLERANCE ||
                middle + half > outer.bottom + TOLERANCE;
            if (isOutside) {
                problems.push(`clipped: ${brief(node.data)} runs out of its box`);
                break;
            }
        }
    }
    return problems;
}

/** That no text lies on another. */
function overlapping(stage) {
    const problems = new Set();
    const boxes = [];
    for (const node of textNodes(stage)) {
        const range = document.createRange();
        range.selectNodeContents(node);
        for (const { left, right, top, bottom } of range.getClientRects()) {
            // A line's box is higher than its letters.
            const inset = (bottom - top) / 4;
            boxes.push({ node, left, right, top: top + inset, bottom: bottom - inset });
        }
    }
    boxes.sort((a, b) => a.top - b.top);
    boxes.forEach((one, place) => {
        for (let next = place + 1; next < boxes.length && boxes[next].top < one.bottom; next += 1) {
            const other = boxes[next];
            const shared = Math.min(one.right, other.right) - Math.max(one.left, other.left);
            if (other.node !== one.node && shared > TOLERANCE) {
                problems.add(`overlap: ${brief(one.node.data)} and ${brief(other.node.data)}`);
            }
        }
    });
    return [...problems];
}

/** That everything that the payload says can be seen, in its order. */
function missing(stage, texts) {
    const plain = (text) => text.replace(/\s+/g, " ").trim();
    const shown = plain([...stage.querySelectorAll(".body")].map((body) => body.innerText).join("\n"));
    const problems = [];
    let from = 0;
    for (const text of texts.map(plain)) {
        const place = shown.indexOf(text, from);
        if (place < 0) problems.push(`missing: ${brief(text)} is not shown, or not in its place`);
        else from = place + text.length;
    }
    if (texts.length === 0) problems.push("missing: the payload says nothing");
    return problems;
}

/** That every text stands out from what is behind it. */
function faint(stage) {
    const problems = new Set();
    for (const node of textNodes(stage)) {
        // Emoji bring their own colours.
        if (!/[\p{L}\p{N}\p{P}]/u.test(node.data.replace(/\p{Extended_Pictographic}/gu, ""))) continue;
        const layers = [];
        let opacity = 1;
        for (let element = node.parentElement; element; element = element.parentElement) {
            const style = getComputedStyle(element);
            if (style.backgroundImage !== "none") problems.add(`contrast: ${brief(node.data)} stands on a picture`);
            opacity *= parseFloat(style.opacity);
            layers.unshift(rgba(style.backgroundColor));
        }
        const background = layers.reduce(over, [255, 255, 255, 1]);
        const [red, green, blue, alpha] = rgba(getComputedStyle(node.parentElement).color);
        const text = over(background, [red, green, blue, alpha * opacity]);
        const [low, high] = [luminance(text), luminance(background)].sort((a, b) => a - b);
        const contrast = (high + 0.05) / (low + 0.05);
        if (contrast < CONTRAST) problems.add(`contrast: ${brief(node.data)} has ${contrast.toFixed(2)}:1`);
    }
    return [...problems];
}

function rgba(colour) {
    const numbers = colour
        .match(/^rgba?\(([^)]+)\)$/)?.[1]
        .split(/[\s,/]+/)
        .map(Number);
    if (!numbers) throw new Error(`the colour ${colour} is not understood`);
    return [...numbers.slice(0, 3), numbers[3] ?? 1];
}

function over([red, green, blue], [topRed, topGreen, topBlue, alpha]) {
    const mix = (below, above) => below * (1 - alpha) + above * alpha;
    return [mix(red, topRed), mix(green, topGreen), mix(blue, topBlue), 1];
}

/** https://www.w3.org/TR/WCAG21/#dfn-relative-luminance */
function luminance([red, green, blue]) {
    const linear = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}
