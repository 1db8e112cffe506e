// Draws what the example `payloads` and `cert-alert preview --html` wrote, and measures it: node render.js DRAWN PICTURES [DOCS]
//
// Every payload of DRAWN is drawn in Slack's or Teams' light and dark colours, in a narrow window and a wide one, and so is every
// page; the pictures go to PICTURES, those of the README to DOCS. `CHROMIUM` says which browser draws.

import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

import { chromium } from "playwright-core";

import { shrink } from "./shrink.js";

const THEMES = ["light", "dark"];
const WIDTHS = { narrow: 320, wide: 1024 };

/** The scene that the README shows, and how wide. */
const SHOWN = { language: "en", scene: "six", theme: "light", width: 900 };

const PAGE = path.join(import.meta.dirname, "page");
const require = createRequire(import.meta.url);
const hostConfigs = Object.fromEntries(
    THEMES.map((theme) => [theme, JSON.parse(readFileSync(path.join(PAGE, `teams-${theme}.json`), "utf8"))]),
);
const libraries = {
    slack: [],
    teams: [
        path.join(path.dirname(require.resolve("adaptivecards/package.json")), "dist/adaptivecards.min.js"),
        path.join(path.dirname(require.resolve("markdown-it/package.json")), "dist/browser/markdown-it.umd.min.js"),
    ],
};

/** Draws payloads into an empty page. Returns what is wrong with them. */
async function draw(page, { kind, language, theme, payloads }) {
    await page.setContent(
        `<!doctype html><html lang="${language}" class="${theme}"><title>${kind}</title><div id="stage"></div></html>`,
    );
    await page.addStyleTag({ path: path.join(PAGE, `${kind}.css`) });
    for (const script of [...libraries[kind], path.join(PAGE, `${kind}.js`)]) await page.addScriptTag({ path: script });
    return page.evaluate(
        ([payloads, hostConfig]) => draw(document.querySelector("#stage"), payloads, hostConfig),
        [payloads, hostConfigs[theme]],
    );
}

/** Draws and measures; `hurt`, if there is one, spoils the drawn page first. Returns all that is wrong. */
async function check(page, scene, hurt) {
    const problems = [];
    const note = (what) => (event) => problems.push(`${what}: ${event.message ?? event.text?.() ?? event.url()}`);
    const listeners = {
        pageerror: note("script error"),
        console: (message) => message.type() === "error" && note("script error")(message),
        request: note("request"),
    };
    await page.goto("about:blank");
    Object.entries(listeners).forEach(([event, listener]) => page.on(event, listener));
    await page.setViewportSize({ width: scene.width, height: 400 });
    await page.emulateMedia({ colorScheme: scene.theme });
    if (scene.html) await page.setContent(scene.html);
    else problems.push(...(await draw(page, scene)).map((problem) => `refused: ${problem}`));
    await page.addScriptTag({ path: path.join(PAGE, "measure.js") });
    if (hurt) await page.evaluate(hurt);
    await page.evaluate(() => document.fonts.ready);
    const measured = await page.evaluate(
        (payloads) => measure(document.body, payloads && textsOf(payloads)),
        scene.payloads,
    );
    problems.push(...measured);
    Object.entries(listeners).forEach(([event, listener]) => page.off(event, listener));
    return problems;
}

/** What must be found, each with the start of what is then said: a check that cannot fail checks nothing. */
const HURTS = {
    "a box that is too wide": [
        "overflow",
        () => (document.querySelector(".body").firstElementChild.style.minWidth = "1500px"),
    ],
    "a line that is cut": [
        "clipped",
        () =>
            Object.assign(document.querySelector(".body").style, {
                width: "60px",
                overflow: "hidden",
                whiteSpace: "nowrap",
                overflowWrap: "normal",
            }),
    ],
    "a block that is cut": [
        "clipped",
        () => Object.assign(document.querySelector(".body").style, { height: "60px", overflow: "hidden" }),
    ],
    "a block that runs over the next": [
        "clipped",
        () => (textNodes(document.querySelector(".body"))[1].parentElement.closest("div").style.height = "4px"),
    ],
    "a text that is left out": ["missing", () => textNodes(document.querySelector(".body"))[2].remove()],
    "a text that is hidden": [
        "missing",
        () => (textNodes(document.querySelector(".body"))[2].parentElement.style.display = "none"),
    ],
    "texts that changed places": [
        "missing",
        () => {
            const nodes = textNodes(document.querySelector(".body"));
            [nodes[1].data, nodes[2].data] = [nodes[2].data, nodes[1].data];
        },
    ],
    "a faint text": [
        "contrast",
        () => (textNodes(document.querySelector(".body"))[1].parentElement.style.color = "#888888"),
    ],
    "a text that shines through": ["contrast", () => (document.querySelector(".body").style.opacity = "0.5")],
    "a script that fails": ["script error", () => console.error("broken")],
    "a page that asks the network": ["request", () => fetch("http://127.0.0.1:9/").catch(() => {})],
};

/** The same for payloads that are not what the chat takes: what is done to them. */
const MISTAKES = {
    slack: {
        "a misspelt key": ([payload]) => (payload.blocks[0].txet = {}),
        "an unknown block": ([payload]) => (payload.blocks[0].type = "headline"),
        "an empty text": ([payload]) => (payload.blocks[0].text.text = ""),
    },
    teams: {
        "an unknown element": ([payload]) => (payload.attachments[0].content.body[0].type = "RichTextBlok"),
        "a colour that there is not": ([payload]) =>
            (payload.attachments[0].content.body[0].inlines[0].color = "Scarlet"),
        "a newer version": ([payload]) => (payload.attachments[0].content.version = "1.5"),
    },
};

const [drawnFolder, pictureFolder, docsFolder] = process.argv.slice(2);
const scenes = readdirSync(drawnFolder).map((file) => {
    const [kind, language, scene] = path.parse(file).name.split("-");
    const text = readFileSync(path.join(drawnFolder, file), "utf8");
    return { kind, language, scene, ...(file.endsWith(".html") ? { html: text } : { payloads: JSON.parse(text) }) };
});

const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    headless: true,
    args: [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--font-render-hinting=none",
        "--force-color-profile=srgb",
        "--disable-lcd-text",
    ],
});
let [passed, failed] = [0, 0];
const verdict = (name, problems) => {
    if (problems.length === 0) {
        passed += 1;
        return;
    }
    failed += 1;
    console.log(`FAILED ${name}`);
    for (const problem of problems.slice(0, 8)) console.log(`       ${problem}`);
    if (problems.length > 8) console.log(`       and ${problems.length - 8} more`);
};

try {
    const page = await browser.newPage();
    for (const scene of scenes) {
        for (const theme of THEMES) {
            for (const [size, width] of Object.entries(WIDTHS)) {
                const name = [scene.kind, scene.language, scene.scene, theme, size].join("-");
                verdict(name, await check(page, { ...scene, theme, width }));
                await page.screenshot({ path: path.join(pictureFolder, `${name}.png`), fullPage: true });
            }
        }
    }

    const shown = scenes.filter((one) => one.payloads && one.language === SHOWN.language && one.scene === SHOWN.scene);
    for (const scene of shown) {
        const usual = { ...scene, theme: SHOWN.theme, width: WIDTHS.narrow };
        for (const [name, [expected, hurt]] of Object.entries(HURTS)) {
            const found = (await check(page, usual, hurt)).some((problem) => problem.startsWith(expected));
            verdict(`${scene.kind}: ${name}`, found ? [] : ["was not found"]);
        }
        for (const [name, spoil] of Object.entries(MISTAKES[scene.kind])) {
            const payloads = structuredClone(scene.payloads);
            spoil(payloads);
            const found = (await check(page, { ...usual, payloads })).some((problem) => problem.startsWith("refused"));
            verdict(`${scene.kind}: ${name}`, found ? [] : ["was not found"]);
        }
        if (docsFolder) {
            const sharp = await browser.newPage({ deviceScaleFactor: 2 });
            verdict(`${scene.kind}: picture for the README`, await check(sharp, { ...usual, width: SHOWN.width }));
            const file = path.join(docsFolder, `${scene.kind}.png`);
            await sharp.locator("#stage").screenshot({ path: file });
            shrink(file);
            await sharp.close();
        }
    }
    if (shown.length !== 2) verdict("scenes", [`${shown.length} of 2 scenes to prove the checks with`]);
} finally {
    await browser.close();
}
console.log(`render: ${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
