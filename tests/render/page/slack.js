// Draws Block Kit: the blocks that a webhook's message is made of, and nothing that it does not know.
//
// Sources: https://docs.slack.dev/reference/block-kit/blocks, https://docs.slack.dev/messaging/formatting-message-text

"use strict";

/** What of a block, element or object may be there; anything else is a mistake that Slack would refuse, or not show. */
const KEYS = {
    header: ["text"],
    section: ["text", "fields"],
    context: ["elements"],
    divider: [],
    actions: ["elements"],
    button: ["text", "url", "style", "action_id", "accessibility_label"],
    rich_text: ["elements"],
    rich_text_section: ["elements"],
    rich_text_list: ["elements", "style", "indent", "border"],
    rich_text_quote: ["elements", "border"],
    rich_text_preformatted: ["elements", "border"],
    text: ["text", "style"],
    date: ["timestamp", "format", "url", "fallback"],
    emoji: ["name", "unicode", "style"],
    link: ["url", "text", "style"],
    broadcast: ["range", "style"],
    user: ["user_id", "style"],
    usergroup: ["usergroup_id", "style"],
    plain_text: ["text", "emoji"],
    mrkdwn: ["text", "verbatim"],
};

/** Where and when a message is read: at nine in the morning in Seoul, the zone and the time of the example `payloads`. */
const READER = "Asia/Seoul";
const READ_AT = Date.parse("2026-11-23T00:00:00Z");

/** Draws `payloads` into `stage`; returns what is wrong with them. */
function draw(stage, payloads) {
    const problems = [];

    const make = (name, className, children = []) => {
        const element = document.createElement(name);
        if (className) element.className = className;
        element.append(...children);
        return element;
    };

    /** Refuses what is not in `KEYS`, and a type that may not stand here. */
    const known = (object, allowed) => {
        const type = object?.type;
        if (!allowed.includes(type)) {
            problems.push(`a ${type} where only ${allowed.join(", ")} may be`);
            return false;
        }
        const odd = Object.keys(object).filter((key) => !["type", "block_id", ...KEYS[type]].includes(key));
        if (odd.length > 0) problems.push(`${type} has unknown ${odd.join(", ")}`);
        return true;
    };

    const text = (object, allowed, limit) => {
        if (!known(object, allowed)) return make("span");
        const length = [...(object.text ?? "")].length;
        if (length < 1 || length > limit)
            problems.push(`${object.type} of ${length} characters; 1 to ${limit} are allowed`);
        return object.type === "mrkdwn" ? mrkdwn(object.text) : make("span", "", [object.text]);
    };

    /** What is between angle brackets, and `*bold*`: all that our messages use of it. */
    const mrkdwn = (source) => {
        const unescape = (part) => part.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
        const bold = (part) =>
            part
                .split(/(?<![^\s])\*([^*\n]+)\*(?![^\s])/)
                .map((one, place) => (place % 2 ? make("b", "", [unescape(one)]) : unescape(one)));
        const parts = source.split(/<([^<>]+)>/).flatMap((part, place) => {
            if (place % 2 === 0) return bold(part);
            const [target, label] = part.split("|");
            if (/^[!@#]/.test(target)) {
                return [make("span", "mention", [`@${unescape(label ?? target.replace(/^[!@#](subteam\^)?/, ""))}`])];
            }
            const link = make("a", "", [unescape(label ?? target)]);
            link.href = unescape(target);
            return [link];
        });
        return make("span", "", parts);
    };

    const styled = (node, style = {}) => {
        const names = { bold: "b", italic: "i", strike: "s", code: "code" };
        return Object.keys(style).reduce((inner, key) => {
            if (!names[key]) problems.push(`unknown style ${key}`);
            return style[key] ? make(names[key] ?? "span", "", [inner]) : inner;
        }, node);
    };

    /** A time as its reader has it, in the language of the page; "tomorrow" where Slack says so. */
    const date = ({ timestamp, format, fallback }) => {
        if (!Number.isInteger(timestamp)) problems.push(`a date of ${timestamp}`);
        if (!fallback) problems.push("a date without a fallback");
        const local = (options) =>
            new Date(timestamp * 1000).toLocaleString(document.documentElement.lang, { timeZone: READER, ...options });
        const day = (time) => Date.parse(new Date(time).toLocaleDateString("en", { timeZone: READER }));
        const ahead = Math.round((day(timestamp * 1000) - day(READ_AT)) / 86_400_000);
        const relative = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });
        const tokens = {
            "{date_short_pretty}": () =>
                Math.abs(ahead) <= 1
                    ? relative.format(ahead, "day")
                    : local({ year: "numeric", month: "short", day: "numeric" }),
            "{time}": () => local({ hour: "numeric", minute: "2-digit" }),
        };
        return format.replace(/\{\w+\}/g, (token) => {
            if (!tokens[token]) problems.push(`a date with ${token}`);
            return tokens[token] ? tokens[token]() : fallback;
        });
    };

    const run = (element) => {
        if (!known(element, ["text", "date", "emoji", "link", "broadcast", "user", "usergroup"])) return "";
        switch (element.type) {
            case "text":
                if (!element.text) problems.push("an empty text");
                return styled(element.text, element.style);
            case "date":
                return date(element);
            case "emoji":
                return String.fromCodePoint(
                    ...(element.unicode ?? "fffd").split("-").map((code) => parseInt(code, 16)),
                );
            case "link": {
                const link = make("a", "", [element.text ?? element.url]);
                link.href = element.url;
                return styled(link, element.style);
            }
            default:
                return make("span", "mention", [`@${element.range ?? element.user_id ?? element.usergroup_id}`]);
        }
    };

    const rich = (element) => {
        if (!known(element, ["rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted"]))
            return "";
        if (element.elements.length === 0) problems.push(`an empty ${element.type}`);
        switch (element.type) {
            case "rich_text_list": {
                const list = make(
                    element.style === "ordered" ? "ol" : "ul",
                    "",
                    element.elements.map((item) => make("li", "", [rich(item)])),
                );
                list.style.marginLeft = `${28 * (element.indent ?? 0)}px`;
                return list;
            }
            case "rich_text_quote":
                return make("div", "attachment", element.elements.map(run));
            case "rich_text_preformatted":
                return make("pre", "", element.elements.map(run));
            default:
                return make("div", "", element.elements.map(run));
        }
    };

    const button = (element) => {
        if (!known(element, ["button"])) return "";
        const link = make("a", `button ${element.style ?? ""}`, [text(element.text, ["plain_text"], 75)]);
        link.href = element.url;
        return link;
    };

    const block = (one) => {
        if (!known(one, ["header", "section", "context", "divider", "actions", "rich_text"])) return "";
        switch (one.type) {
            case "header":
                return make("div", "block header", [text(one.text, ["plain_text"], 150)]);
            case "section": {
                const fields = (one.fields ?? []).map((field) =>
                    make("div", "", [text(field, ["plain_text", "mrkdwn"], 2000)]),
                );
                const main = one.text ? [text(one.text, ["plain_text", "mrkdwn"], 3000)] : [];
                return make("div", "block", fields.length > 0 ? [...main, make("div", "fields", fields)] : main);
            }
            case "context":
                if (one.elements.length > 10) problems.push("more than 10 elements in a context");
                return make(
                    "div",
                    "block context",
                    one.elements.map((element) => text(element, ["plain_text", "mrkdwn"], 3000)),
                );
            case "divider":
                return make("hr", "block divider");
            case "actions":
                if (one.elements.length > 25) problems.push("more than 25 elements in an actions block");
                return make("div", "block actions", one.elements.map(button));
            default:
                return make("div", "block", one.elements.map(rich));
        }
    };

    for (const payload of payloads) {
        const odd = Object.keys(payload).filter(
            (key) => !["text", "blocks", "attachments", "unfurl_links", "unfurl_media"].includes(key),
        );
        if (odd.length > 0) problems.push(`the message has unknown ${odd.join(", ")}`);
        if (!payload.text) problems.push("the message has no text for notifications");
        if (payload.blocks.length > 50) problems.push(`${payload.blocks.length} blocks`);
        const sender = make("div", "sender", [
            make("b", "", ["ncp-cert-alert"]),
            make("span", "app", ["APP"]),
            make("time", "", ["9:00 AM"]),
        ]);
        const body = make("div", "body", payload.blocks.map(block));
        for (const attachment of payload.attachments ?? []) {
            const bar = make("div", "attachment", attachment.blocks.map(block));
            bar.style.borderLeftColor = attachment.color;
            body.append(bar);
        }
        stage.append(make("div", "message", [make("div", "avatar"), make("div", "content", [sender, body])]));
    }
    return problems;
}

/** What a reader must be able to read, in order. */
function textsOf(payloads) {
    const texts = [];
    const walk = (value, isMrkdwn) => {
        if (Array.isArray(value)) {
            value.forEach((one) => walk(one, false));
        } else if (value && typeof value === "object") {
            for (const [key, one] of Object.entries(value)) {
                if (key === "text" && typeof one === "string") {
                    const mention = one
                        .replace(/<!(\w+)>/g, "@$1")
                        .replace(/<!subteam\^(\w+)>/g, "@$1")
                        .replace(/<@(\w+)>/g, "@$1");
                    const plain = mention.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
                    texts.push(value.type === "mrkdwn" ? plain : one);
                } else {
                    walk(one);
                }
            }
        }
    };
    // Not the message's own `text`: where blocks are shown, only notifications and screen readers use it.
    for (const { blocks, attachments } of payloads) walk([blocks, attachments]);
    return texts;
}
