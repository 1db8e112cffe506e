// Makes pictures small: as many colours as text and a few boxes need.

import { readFileSync, writeFileSync } from "node:fs";

import UPNG from "upng-js";

const COLOURS = 96;

/** Rewrites the PNG in `file` with a palette. */
export function shrink(file) {
    const picture = UPNG.decode(readFileSync(file));
    writeFileSync(file, Buffer.from(UPNG.encode(UPNG.toRGBA8(picture), picture.width, picture.height, COLOURS)));
}
