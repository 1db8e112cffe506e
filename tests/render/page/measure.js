// Measures what is drawn: whether all of it can be read.

"use strict";

/** Everything that keeps what is in `stage` from being read; `texts` must all be there. */
function measure(stage, texts) {
    return [...overflow(), ...clipped(stage), ...missing(stage, texts), ...faint(stage)];
}

const brief = (text) => JSON.stringify(text.trim().replace(/\s+/g, " ").slice(0, 60));

/** That nobody has to scroll sideways. */
function overflow() {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth > clientWidth ? [`overflow: the page is ${scrollWidth} px wide, the window ${clientWidth} px`] : [];
}

/** That no text is cut off. */
function clipped(stage) {
    const isCut = (element) => {
        const { scrollWidth, clientWidth, scrollHeight, clientHeight } = element;
        // A line's own box may be lower than its letters.
        const isTooLarge = scrollWidth > clientWidth + 1 || scrollHeight > clientHeight + 4;
        return getComputedStyle(element).overflow !== "visible" && isTooLarge;
    };
    return [...stage.querySelectorAll("*")].filter(isCut).map((element) => `clipped: ${brief(element.textContent)}`);
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
    return problems;
}

/** That every text stands out from what is behind it: https://www.w3.org/TR/WCAG21/#contrast-minimum. */
function faint(stage) {
    const problems = new Set();
    const walker = document.createTreeWalker(stage, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const { parentElement, data } = walker.currentNode;
        // Emoji bring their own colours.
        if (!/[\p{L}\p{N}\p{P}]/u.test(data) || !parentElement.checkVisibility()) continue;
        let background = [255, 255, 255];
        const layers = [];
        for (let element = parentElement; element; element = element.parentElement) layers.unshift(element);
        for (const layer of layers) background = over(background, rgba(getComputedStyle(layer).backgroundColor));
        const text = over(background, rgba(getComputedStyle(parentElement).color));
        const [low, high] = [luminance(text), luminance(background)].sort((a, b) => a - b);
        const contrast = (high + 0.05) / (low + 0.05);
        if (contrast < 4.5) problems.add(`contrast: ${brief(data)} has ${contrast.toFixed(2)}:1`);
    }
    return [...problems];
}

/** The numbers of `rgb(…)` or `rgba(…)`, as computed styles have them. */
const rgba = (colour) => colour.match(/[\d.]+/g).map(Number);

const over = (below, [red, green, blue, alpha = 1]) =>
    [red, green, blue].map((above, place) => below[place] * (1 - alpha) + above * alpha);

/** https://www.w3.org/TR/WCAG21/#dfn-relative-luminance */
function luminance(colour) {
    const linear = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
    const [red, green, blue] = colour.map(linear);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
