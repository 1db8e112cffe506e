// Draws the messages that the example `payloads` wrote, and measures them: node render.js DRAWN PICTURES [DOCS]
//
// Each is drawn in Slack's or Teams' light and dark colours, as wide as a phone and as a desktop; the pictures go to PICTURES, those
// of the documents to DOCS, with the pages of `list --html` that lie beside DRAWN. `CHROMIUM` says which browser draws.

import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

import { chromium } from "playwright-core";

const WIDTHS = { narrow: 320, wide: 1024 };

/** How high a message may be on a phone, in pixels: what is longer is not read there. */
const MOST_HIGH = { six: 1050, forty: 3000, many: 3000 };

/** What must be found, and how it is said: a check that cannot fail checks nothing. */
const HURTS = {
    overflow: () => (document.querySelector(".body").style.minWidth = "1500px"),
    clipped: () => Object.assign(document.querySelector(".body").style, { height: "60px", overflow: "hidden" }),
    missing: () => document.querySelector(".body").lastElementChild.remove(),
    contrast: () => document.querySelectorAll(".body *").forEach(({ style }) => (style.color = "#888888")),
};

const PAGE = path.join(import.meta.dirname, "page");
const HOST_CONFIGS = JSON.parse(readFileSync(path.join(PAGE, "teams.json"), "utf8"));
const { resolve } = createRequire(import.meta.url);
const LIBRARIES = {
    slack: [],
    teams: [
        path.join(path.dirname(resolve("adaptivecards/package.json")), "dist/adaptivecards.min.js"),
        path.join(path.dirname(resolve("markdown-it/package.json")), "dist/browser/markdown-it.umd.min.js"),
    ],
};

/** Draws payloads and returns how high they are, and what is wrong with them; `hurt`, if given, spoils the drawn page first. */
async function check(page, { kind, language, theme, width, payloads }, hurt) {
    await page.setViewportSize({ width, height: 400 });
    await page.setContent(`<!doctype html><html lang="${language}" class="${kind} ${theme}"><div id="stage"></div></html>`);
    await page.addStyleTag({ path: path.join(PAGE, "page.css") });
    for (const script of [...LIBRARIES[kind], path.join(PAGE, `${kind}.js`), path.join(PAGE, "measure.js")])
        await page.addScriptTag({ path: script });
    const refused = await page.evaluate(
        ([payloads, hostConfig]) => draw(document.querySelector("#stage"), payloads, hostConfig),
        [payloads, HOST_CONFIGS[theme]],
    );
    if (hurt) await page.evaluate(hurt);
    await page.evaluate(() => document.fonts.ready);
    const problems = await page.evaluate((payloads) => measure(document.querySelector("#stage"), textsOf(payloads)), payloads);
    const height = await page.evaluate(() => Math.ceil(document.querySelector("#stage").getBoundingClientRect().bottom));
    return { height, problems: [...refused.map((problem) => `refused: ${problem}`), ...problems] };
}

const [drawn, pictures, docs] = process.argv.slice(2);
const scenes = readdirSync(drawn).map((file) => {
    const [kind, language, scene] = path.parse(file).name.split("-");
    return { kind, language, scene, payloads: JSON.parse(readFileSync(path.join(drawn, file), "utf8")) };
});
const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ["--no-sandbox", "--font-render-hinting=none", "--force-color-profile=srgb", "--disable-lcd-text"],
});
let [passed, failed] = [0, 0];
const verdict = (name, problems) => {
    problems.length > 0 ? (failed += 1) : (passed += 1);
    if (problems.length > 0) console.log([`FAILED ${name}`, ...problems].join("\n       "));
};
try {
    const page = await browser.newPage();
    for (const scene of scenes) {
        for (const theme of ["light", "dark"]) {
            for (const [size, width] of Object.entries(WIDTHS)) {
                const name = [scene.kind, scene.language, scene.scene, theme, size].join("-");
                const { height, problems } = await check(page, { ...scene, theme, width });
                if (size === "narrow" && height > MOST_HIGH[scene.scene])
                    problems.push(`height: ${height} px; ${MOST_HIGH[scene.scene]} px are allowed`);
                if (size === "narrow" && theme === "light" && scene.language === "en") console.log(`${name}: ${height} px`);
                verdict(name, problems);
                await page.screenshot({ path: path.join(pictures, `${name}.png`), fullPage: true });
            }
        }
    }
    const sharp = docs && (await browser.newPage({ deviceScaleFactor: 2 }));
    for (const scene of scenes.filter(({ scene }) => scene === "six")) {
        const usual = { ...scene, theme: "light", width: WIDTHS.narrow };
        const name = { en: `${scene.kind}.png`, ko: `${scene.kind}.ko.png` }[scene.language];
        if (docs && name) {
            await check(sharp, { ...usual, width: 900 });
            await sharp.locator("#stage").screenshot({ path: path.join(docs, name) });
        }
        if (scene.language !== "en") continue;
        for (const [expected, hurt] of Object.entries(HURTS)) {
            const { problems } = await check(page, usual, hurt);
            const isFound = problems.some((problem) => problem.startsWith(expected));
            verdict(`${scene.kind}: ${expected}`, isFound ? [] : ["was not found"]);
        }
    }
    for (const [language, name] of docs ? [["en", "list.png"], ["ko", "list.ko.png"]] : []) {
        await sharp.setViewportSize({ width: 1100, height: 700 });
        await sharp.goto(`file://${path.resolve(drawn, "..", `list.${language}.html`)}`);
        await sharp.screenshot({ path: path.join(docs, name) });
    }
} finally {
    await browser.close();
}
console.log(`render: ${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || scenes.length === 0 ? 1 : 0;
