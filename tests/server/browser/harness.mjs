// A server with the model that ships, and pages of it in chromium.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import axe from "axe-core";
import { chromium } from "playwright-core";

export const top = process.env.EASEL_TOP;
export const program = process.env.EASEL_PROGRAM;
const environment = { ...process.env, EASEL_HOME: top };
/// For what draws, on a slow machine that does other things too.
export const patient = { timeout: 120_000 };

/// Waits until the model is loaded. `port` 0 takes a free one.
export async function startServer(port = 0, ...options) {
  const server = spawn(program, ["serve", "--port", String(port), "--drain-timeout", "0", ...options], { env: environment, stdio: ["ignore", "pipe", "ignore"] });
  let address;
  for await (const line of createInterface(server.stdout)) {
    address ??= /http:\/\/[\d.]+:\d+/.exec(line)?.[0];
    if (/ready to draw/.test(line)) break;
  }
  assert.ok(address, "the server has not started");
  server.stdout.resume();
  const stop = async (signal = "SIGTERM") => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    server.kill(signal);
    await once(server, "exit");
  };
  return { address, port: Number(new URL(address).port), stop };
}

/// Runs easel.
export async function easel(folder, ...args) {
  const run = spawn(program, args, { cwd: folder, env: environment, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [run.stdout, run.stderr]) stream.on("data", (bytes) => (said += bytes));
  const [code] = await once(run, "exit");
  assert.equal(code, 0, said);
}

let browser = null;
export async function openBrowser() {
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
}
export const closeBrowser = () => browser?.close();

/// Runs `test` on a new visitor's page. Fails on errors in the console, but for answers of the statuses in `expected`
/// ("422", or "net::" for none at all), and on requests to another host.
export async function visit(address, options, test, expected = []) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, acceptDownloads: true, locale: "en-US", ...options });
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: address });
  const faults = [];
  context.on("request", (request) => {
    const url = new URL(request.url());
    if (!["blob:", "data:"].includes(url.protocol) && url.origin !== address) faults.push(`a request to ${url}`);
  });
  const page = await context.newPage();
  page.on("pageerror", (error) => faults.push(error.stack));
  page.on("console", (message) => {
    const isExpected = /Failed to load resource/.test(message.text()) && expected.some((status) => message.text().includes(status));
    if (message.type() === "error" && !isExpected) faults.push(message.text());
  });
  page.setDefaultTimeout(20_000);
  try {
    await page.goto(address);
    await page.waitForSelector(".settings");
    await test(page);
    assert.deepEqual(faults, []);
  } catch (error) {
    if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/failed.png` });
    throw faults.length ? new Error(`${error.message}\nbesides: ${faults.join("\n")}`, { cause: error }) : error;
  } finally {
    await context.close();
  }
}

/// Fails on what axe finds.
export async function checkAccessibility(page, what) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
  const told = violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 200)} ${failureSummary}`).join("\n  ")}`);
  assert.deepEqual(told, [], what);
}

export const drawButton = ".go .primary";
export async function untilIdle(page) {
  await page.waitForSelector(`${drawButton}:enabled`, patient);
}

/// Draws, and returns how many pictures the gallery then has.
export async function draw(page) {
  await page.click(drawButton);
  await untilIdle(page);
  return page.locator(".gallery li").count();
}

export const statusText = (page) => page.textContent(".status");
export const untilStatus = (page, pattern) =>
  page.waitForFunction((source) => new RegExp(source).test(document.querySelector(".status").textContent), pattern.source, patient);

/// The bytes of the picture that a selector shows.
export async function bytesOf(page, selector) {
  const numbers = await page.$eval(selector, async (image) => [...new Uint8Array(await (await fetch(image.src)).arrayBuffer())]);
  return Buffer.from(numbers);
}

/// {width, height, pixels} of a picture's bytes: four numbers a pixel.
export async function decoded(page, bytes) {
  const told = await page.evaluate(async (numbers) => {
    const bitmap = await createImageBitmap(new Blob([new Uint8Array(numbers)]));
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext("2d");
    context.drawImage(bitmap, 0, 0);
    return { width: bitmap.width, height: bitmap.height, pixels: [...context.getImageData(0, 0, bitmap.width, bitmap.height).data] };
  }, [...bytes]);
  return told;
}

/// Drops a file on the page, or pastes it.
export async function bringIn(page, bytes, { type = "image/png", by = "drop" } = {}) {
  await page.evaluate(({ numbers, kind, how }) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(numbers)], "picture", { type: kind }));
    const event = how === "drop"
      ? new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true })
      : new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
    document.body.dispatchEvent(event);
  }, { numbers: [...bytes], kind: type, how: by });
}

export const fileIn = (name) => readFileSync(`${top}/${name}`);
