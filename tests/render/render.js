// Draws what the example `payloads`, `cert-alert preview --html` and `cert-alert list --html` wrote, and measures it:
// node render.js DRAWN PICTURES [DOCS]
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

/** How high a narrow, light message may be, in pixels: what is longer is not read on a phone. */
const MOST_HIGH = { six: 800, forty: 3000, many: 3000 };

/** Which heights are printed: those of CONTRIBUTING.md. */
const TOLD = ["one", "six", "forty", "many", "summary", "clear", "failed", "muted", "sample", "undelivered"];

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

/** Names as they are at their longest, and as nobody should name things: what the smallest inventory is drawn with too. */
const ODD_NAMES = {
    "www.example.kr": `${"a".repeat(63)}.${"b".repeat(57)}`,
    "api.example.kr": "&lt;b&gt;bold&lt;/b&gt; 쇼핑-결제-인증서.한국",
    "www-example-kr-2026": `wildcard_${"x".repeat(240)}`,
    PUBLISHING: "SOMETHING_THAT_NOBODY_HAS_DOCUMENTED_YET",
    KR_JP_GLOBAL: "EVERYWHERE_AND_THEN_SOME_FURTHER_REGIONS",
};

const odd = (html) => Object.entries(ODD_NAMES).reduce((page, [name, long]) => page.replaceAll(`>${name}<`, `>${long}<`), html);

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
    const media = scene.media ?? "screen";
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
    await page.emulateMedia({ colorScheme: scene.theme, media });
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

const heights = new Map();

/** Notes how high the drawn message is. Returns whether that is too much. */
async function high(page, { kind, language, scene }) {
    // The whole picture: with the sender, and with the space around it.
    const height = await page.evaluate(() => Math.ceil(document.querySelector("#stage").getBoundingClientRect().bottom));
    heights.set(`${kind}-${language}-${scene}`, height);
    const most = MOST_HIGH[scene] ?? Infinity;
    return height > most ? [`height: ${height} px; ${most} px are allowed`] : [];
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

/** The same for the inventory's page. */
const PAGE_HURTS = {
    "a column that is too wide": ["overflow", () => (document.querySelector("table").style.minWidth = "1500px")],
    "a name over the next": [
        "overlap",
        () => {
            const [above, name] = document.querySelectorAll("tbody th:not([colspan])");
            const up = above.getBoundingClientRect().top - name.getBoundingClientRect().top;
            Object.assign(name.style, { position: "relative", top: `${up}px` });
        },
    ],
    "a faint number": ["contrast", () => (document.querySelector(".numbers b").style.color = "#888888")],
    "a picture from elsewhere": ["request", () => (document.body.append(new Image()), (document.images[0].src = "http://127.0.0.1:9/"))],
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

scenes.push(...scenes.filter(({ kind, scene }) => kind === "list" && scene === "5").map((one) => ({ ...one, scene: "odd", html: odd(one.html) })));

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
    // The inventory's page forbids scripts, those that measure it too.
    const page = await browser.newPage({ bypassCSP: true });
    for (const scene of scenes) {
        for (const theme of THEMES) {
            for (const [size, width] of Object.entries(WIDTHS)) {
                const name = [scene.kind, scene.language, scene.scene, theme, size].join("-");
                const problems = await check(page, { ...scene, theme, width });
                if (scene.payloads && theme === "light" && size === "narrow") problems.push(...(await high(page, scene)));
                verdict(name, problems);
                await page.screenshot({ path: path.join(pictureFolder, `${name}.png`), fullPage: true });
            }
        }
    }

    // On paper: the width of A4 without its margins.
    const inventories = scenes.filter(({ kind }) => kind === "list");
    for (const scene of inventories) {
        const name = [scene.kind, scene.language, scene.scene, "print"].join("-");
        verdict(name, await check(page, { ...scene, theme: "dark", width: 703, media: "print" }));
        await page.screenshot({ path: path.join(pictureFolder, `${name}.png`), fullPage: true });
    }
    for (const [name, [expected, hurt]] of Object.entries(PAGE_HURTS)) {
        const scene = { ...inventories.find(({ scene }) => scene === "60"), theme: "light", width: WIDTHS.wide };
        const found = (await check(page, scene, hurt)).some((problem) => problem.startsWith(expected));
        verdict(`list: ${name}`, found ? [] : ["was not found"]);
    }

    const shown = scenes.filter((one) => one.payloads && one.language === SHOWN.language && one.scene === SHOWN.scene);
    for (const scene of shown) {
        const usual = { ...scene, theme: SHOWN.theme, width: WIDTHS.narrow };
        for (const [name, [expected, hurt]] of Object.entries(HURTS)) {
            const found = (await check(page, usual, hurt)).some((problem) => problem.startsWith(expected));
            verdict(`${scene.kind}: ${name}`, found ? [] : ["was not found"]);
        }
        // Twice what is in it is too much.
        await check(page, { ...usual, payloads: [...scene.payloads, ...scene.payloads] });
        verdict(`${scene.kind}: a message that is too high`, (await high(page, scene)).length > 0 ? [] : ["was not found"]);
        await check(page, usual);
        await high(page, scene);
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
for (const scene of TOLD) {
    const row = [...heights].filter(([name]) => name.endsWith(`-${scene}`));
    if (row.length > 0) console.log(`${scene}: ${row.map(([name, height]) => `${name.replace(`-${scene}`, "")} ${height} px`).join(", ")}`);
}
console.log(`render: ${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
