// Draws the blocks that our messages to Slack are made of. What Slack accepts is not decided here: tests/common/forms.rs and
// tests/e2e/validate.py do.

"use strict";

function make(name, className, ...children) {
    const element = document.createElement(name);
    element.className = className;
    element.append(...children);
    return element;
}

/** Draws `payloads` into `stage`; returns what is not drawn. */
function draw(stage, payloads) {
    const problems = [];
    // A time as its reader has it, in Seoul.
    const reader = { timeZone: "Asia/Seoul", dateStyle: "medium", timeStyle: "short" };
    const run = (element) => {
        if (element.type === "date") return new Date(element.timestamp * 1000).toLocaleString(document.documentElement.lang, reader);
        if (element.type !== "text") problems.push(`a ${element.type} in a rich text`);
        return element.style?.bold ? make("b", "", element.text) : element.text;
    };
    const block = (one) => {
        switch (one.type) {
            case "header":
            case "section":
                return make("div", `block ${one.type}`, plain(one.text));
            case "context":
                return make("div", "block context", ...one.elements.map((text) => make("div", "", plain(text))));
            case "actions":
                return make("div", "block actions", ...one.elements.map(({ text }) => make("a", "button", plain(text))));
            case "rich_text":
                return make("div", "block", ...one.elements.map(({ elements }) => make("div", "", ...elements.map(run))));
            default:
                problems.push(`a block ${one.type}`);
                return "";
        }
    };
    for (const payload of payloads) {
        const sender = make("div", "sender", make("b", "", "ncp-cert-alert"), " 9:00 AM");
        const body = make("div", "body", ...payload.blocks.map(block));
        stage.append(make("div", "message", make("div", "avatar"), make("div", "content", sender, body)));
    }
    return problems;
}

/** What is read of a text: a mention is the one thing that is marked up. */
function plain({ type, text }) {
    if (type !== "mrkdwn") return text;
    const mention = text.replace(/<!(\w+)>/g, "@$1");
    return mention.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** What a reader must be able to read, in order. */
function textsOf(payloads) {
    const texts = (value) => {
        if (typeof value?.text === "string") return [plain(value)];
        return value && typeof value === "object" ? Object.values(value).flatMap(texts) : [];
    };
    return payloads.flatMap(({ blocks }) => texts(blocks));
}
