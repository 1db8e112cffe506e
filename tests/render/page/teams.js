// Draws Adaptive Cards with Microsoft's renderer, in the envelope that Teams' Workflows take.

/* global AdaptiveCards, markdownit */
"use strict";

/** Draws `payloads` into `stage`; returns what the renderer does not understand. */
function draw(stage, payloads, hostConfig) {
    const problems = [];
    const markdown = markdownit();
    AdaptiveCards.AdaptiveCard.onProcessMarkdown = (text, result) => {
        result.outputHtml = markdown.render(text);
        result.didProcess = true;
    };
    const make = (className, ...children) => {
        const element = document.createElement("div");
        element.className = className;
        element.append(...children);
        return element;
    };
    for (const payload of payloads) {
        const card = new AdaptiveCards.AdaptiveCard();
        card.hostConfig = new AdaptiveCards.HostConfig(hostConfig);
        const context = new AdaptiveCards.SerializationContext(AdaptiveCards.Versions.v1_4);
        card.parse(payload.attachments[0].content, context);
        for (let place = 0; place < context.eventCount; place++) problems.push(context.getEventAt(place).message);
        for (const event of card.validateProperties().validationEvents) problems.push(event.message);
        const frame = make("content", make("sender", "Workflows    9:00 AM"), make("card body", card.render()));
        stage.append(make("message", make("avatar"), frame));
    }
    return problems;
}

/** What a reader must be able to read, in order. */
function textsOf(payloads) {
    const texts = (value) => {
        const own = [value.text, value.title].filter((text) => text);
        return own.concat([value.items, value.inlines].flatMap((inner) => inner ?? []).flatMap(texts));
    };
    // Not `summary` and `fallbackText`: where the card is shown, only notifications use them.
    return payloads.flatMap(({ attachments: [{ content }] }) => [...content.body, ...(content.actions ?? [])].flatMap(texts));
}
