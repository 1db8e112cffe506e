// Draws Adaptive Cards with Microsoft's renderer, in the envelope that Teams' Workflows take.

/* global AdaptiveCards, markdownit */
"use strict";

/** What Teams is known to draw; see src/webhook/teams.rs. */
const VERSION = [1, 4];

/** Draws `payloads` into `stage`; returns what is wrong with them. */
function draw(stage, payloads, hostConfig) {
    const problems = [];
    const markdown = markdownit();
    AdaptiveCards.AdaptiveCard.onProcessMarkdown = (text, result) => {
        result.outputHtml = markdown.render(text);
        result.didProcess = true;
    };
    for (const payload of payloads) {
        const odd = Object.keys(payload).filter((key) => !["type", "summary", "attachments"].includes(key));
        if (odd.length > 0) problems.push(`the message has unknown ${odd.join(", ")}`);
        if (payload.type !== "message" || !payload.summary) problems.push("the message is not one, or has no summary");
        if (payload.attachments.length !== 1) problems.push("not one card");
        const { contentType, content } = payload.attachments[0];
        if (contentType !== "application/vnd.microsoft.card.adaptive") problems.push(`content type ${contentType}`);
        const [major, minor] = content.version.split(".").map(Number);
        if (major > VERSION[0] || minor > VERSION[1]) problems.push(`version ${content.version}`);

        const card = new AdaptiveCards.AdaptiveCard();
        card.hostConfig = new AdaptiveCards.HostConfig(hostConfig);
        const context = new AdaptiveCards.SerializationContext(new AdaptiveCards.Version(...VERSION));
        card.parse(content, context);
        for (let place = 0; place < context.eventCount; place++) problems.push(context.getEventAt(place).message);
        for (const event of card.validateProperties().validationEvents) problems.push(event.message);
        const rendered = card.render();
        if (!rendered) {
            problems.push("the card was not drawn");
            continue;
        }
        const make = (className, ...children) => {
            const element = document.createElement("div");
            element.className = className;
            element.append(...children);
            return element;
        };
        const frame = make("frame", make("sender", "Workflows    9:00 AM"), make("card body", rendered));
        stage.append(make("message", make("avatar"), frame));
    }
    return problems;
}

/** What a reader must be able to read, in order. */
function textsOf(payloads) {
    const texts = [];
    const walk = (value) => {
        if (Array.isArray(value)) {
            value.forEach(walk);
        } else if (value && typeof value === "object") {
            for (const [key, one] of Object.entries(value)) {
                if (["text", "title", "value"].includes(key) && typeof one === "string") texts.push(one);
                else walk(one);
            }
        }
    };
    // Not `summary` and `fallbackText`: where the card is shown, only notifications use them.
    for (const { attachments } of payloads) walk(attachments.map(({ content }) => [content.body, content.actions]));
    return texts;
}
