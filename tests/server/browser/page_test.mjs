// The page as a person meets it.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import * as h from "./harness.mjs";

let server;
before(async () => {
  await h.openBrowser();
  server = await h.startServer();
});
after(async () => {
  await server?.stop();
  await h.closeBrowser();
});

/// A test on a page of the shared server.
const onPage = (name, action, { options, expected } = {}) => test(name, () => h.visit(server.address, options, action, expected));

onPage("a first visit draws something at once, with previews, and nothing jumps", async (page) => {
  assert.equal(await page.inputValue("#prompt"), "rocket");
  const place = () => page.$eval(".well", (well) => {
    const { left, top, width, height } = well.getBoundingClientRect();
    return [left, top + window.scrollY, width, height];
  });
  const before = await place();
  await page.fill("#steps", "60");
  await page.click(h.drawButton);
  await page.waitForSelector("img.preview", h.patient);
  assert.deepEqual(await place(), before);
  await h.untilStatus(page, /Step \d+ of 60/);
  await h.untilIdle(page);
  await page.waitForSelector(".shown");
  assert.deepEqual(await place(), before);
  assert.match(await h.statusText(page), /^Done in [\d.]+ s\.$/);
  assert.equal(await page.locator(".gallery li").count(), 1);
});

onPage("a drawing is cancelled by Esc, and by the button", async (page) => {
  await page.fill("#steps", "400");
  await page.fill("#batch_size", "64");
  await page.focus("#prompt");
  await page.keyboard.press("Control+Enter");
  await h.untilStatus(page, /Step \d/);
  await page.keyboard.press("Escape");
  await h.untilStatus(page, /^Cancelled/);
  await page.click(h.drawButton);
  await h.untilStatus(page, /Step \d/);
  await page.click(".stage button:has-text('Cancel')");
  await h.untilStatus(page, /^Cancelled/);
  assert.equal(await page.locator(".gallery li").count(), 0);
  await page.fill("#steps", "2");
  await page.fill("#batch_size", "2");
  assert.equal(await h.draw(page), 2);
});

onPage("a drawing is finished early with what there is", async (page) => {
  await page.fill("#steps", "400");
  await page.click(h.drawButton);
  await h.untilStatus(page, /Step \d/);
  await page.click(".stage button:has-text('Finish now')");
  await h.untilStatus(page, /^Ended early/);
  assert.equal(await page.locator(".gallery li").count(), 1);
});

onPage("settings come back from a picture that is dropped", async (page) => {
  await page.fill("#prompt", "pizza");
  await page.fill("#negative_prompt", "blue");
  await page.fill("#steps", "5");
  await page.fill("#cfg_scale", "1.5");
  await page.fill("#seed", "77");
  await page.selectOption("#sampler_name", "Euler a");
  await page.selectOption("#preset", "fast");
  await h.draw(page);
  const bytes = await h.bytesOf(page, ".shown img");
  await page.fill("#prompt", "something else");
  await page.click("text=Back to the model's own");
  assert.equal(await page.inputValue("#steps"), "");
  await h.bringIn(page, bytes);
  await page.click(".what-for >> text=Use these settings");
  const values = {};
  for (const field of ["prompt", "negative_prompt", "steps", "cfg_scale", "seed", "sampler_name", "preset"]) values[field] = await page.inputValue(`#${field}`);
  assert.deepEqual(values, { prompt: "pizza", negative_prompt: "blue", steps: "5", cfg_scale: "1.5", seed: "77", sampler_name: "Euler a", preset: "fast" });
  await h.draw(page);
  assert.deepEqual(await h.bytesOf(page, ".shown img"), bytes);
});

onPage("the gallery's pictures give their settings, and a copy of the seed", async (page) => {
  await page.fill("#steps", "2");
  await page.fill("#seed", "41");
  await h.draw(page);
  await page.click("text=Random");
  assert.equal(await page.inputValue("#seed"), "");
  await page.click("text=Last");
  assert.equal(await page.inputValue("#seed"), "41");
  await page.click("text=Copy");
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "41");
  await page.fill("#seed", "");
  await page.click(".gallery li button");
  assert.match(await page.textContent(".viewer dl"), /Seed\s*41/);
  const [file] = await Promise.all([page.waitForEvent("download"), page.click("text=Download")]);
  assert.equal(file.suggestedFilename(), "easel-41.png");
  await page.click("text=Use these settings");
  await page.waitForFunction(() => document.querySelector("#seed").value === "41");
});

/// A photograph as the picture to begin from.
async function beginFromPhotograph(page) {
  await h.bringIn(page, h.fileIn("tests/golden/person_mask/astronaut.png"));
  await page.waitForSelector(".source .thumbnail");
}

onPage("a pasted picture is begun from, changed as much as is asked", async (page) => {
  await page.fill("#seed", "5");
  await page.selectOption("#sampler_name", "DDIM");
  await h.draw(page);
  const bytes = await h.bytesOf(page, ".shown img");
  await h.bringIn(page, bytes, { by: "paste" });
  await page.click(".what-for >> text=Begin from this");
  await page.waitForSelector(".source .thumbnail");
  await page.fill("#prompt", "cat face");
  const difference = async (strength) => {
    await page.fill("#denoising_strength", strength);
    await h.draw(page);
    const [a, b] = [await h.decoded(page, bytes), await h.decoded(page, await h.bytesOf(page, ".shown img"))];
    return a.pixels.reduce((sum, value, i) => sum + Math.abs(value - b.pixels[i]), 0) / a.pixels.length;
  };
  const little = await difference("0.1"), much = await difference("1");
  assert.ok(little < much, `${little} and ${much}`);
});

/// Pixels of the mask that are white, of those that are black, how many differ between the pictures.
function compareUnder(mask, a, b) {
  const counts = { painted: 0, changedInside: 0, changedOutside: 0 };
  for (let i = 0; i < mask.pixels.length; i += 4) {
    const isSame = [0, 1, 2].every((c) => a.pixels[i + c] === b.pixels[i + c]);
    if (mask.pixels[i] > 0) {
      ++counts.painted;
      counts.changedInside += isSame ? 0 : 1;
    } else {
      counts.changedOutside += isSame ? 0 : 1;
    }
  }
  return counts;
}

async function expectRepainted(page, before) {
  const mask = await h.decoded(page, await h.bytesOf(page, ".thumbnail .mask"));
  await h.draw(page);
  const after = await h.decoded(page, await h.bytesOf(page, ".shown img"));
  const counts = compareUnder(mask, before, after);
  assert.deepEqual([mask.width, mask.height], [before.width, before.height]);
  assert.ok(counts.painted > 0 && counts.painted < mask.width * mask.height, JSON.stringify(counts));
  assert.ok(counts.changedInside > 0, JSON.stringify(counts));
  assert.equal(counts.changedOutside, 0);
}

async function beginFromRocket(page) {
  await page.fill("#steps", "6");
  await page.fill("#seed", "3");
  await h.draw(page);
  const rocket = await h.decoded(page, await h.bytesOf(page, ".shown img"));
  await page.click(".shown");
  await page.click("text=Begin from this");
  await page.waitForSelector(".source .thumbnail");
  return rocket;
}

onPage("what is painted with the brush is drawn anew, and the rest stays to the pixel", async (page) => {
  const rocket = await beginFromRocket(page);
  await page.click("text=Paint a mask");
  const box = await page.locator(".layers canvas").boundingBox();
  const at = (x, y) => [box.x + x * box.width, box.y + y * box.height];
  await page.mouse.move(...at(0.2, 0.3));
  await page.mouse.down();
  await page.mouse.move(...at(0.6, 0.3), { steps: 6 });
  await page.mouse.up();
  await page.mouse.move(...at(0.5, 0.9));
  await page.mouse.down();
  await page.mouse.up();
  await page.click(".tools >> text=Undo");
  await page.fill(".slider:nth-of-type(2) input", "0");
  await page.click("text=Use the mask");
  await page.fill("#prompt", "pizza");
  await expectRepainted(page, rocket);
});

onPage("a mask is painted with the keyboard alone, inverted and undone", async (page) => {
  const rocket = await beginFromRocket(page);
  await page.focus(".source >> text=Paint a mask");
  await page.keyboard.press("Enter");
  await page.focus("dialog[open] .layers canvas");  // opening it moves the focus to its first button
  await page.keyboard.press("Space");
  for (let i = 0; i < 3; ++i) await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Space");
  await page.click(".tools >> text=Invert");
  await page.keyboard.press("Control+z");
  await page.focus("text=Use the mask");
  await page.keyboard.press("Enter");
  await page.fill("#mask_blur", "0");
  await page.fill("#prompt", "pizza");
  await expectRepainted(page, rocket);
});

onPage("the person in a photograph becomes the mask", async (page) => {
  await beginFromPhotograph(page);
  await page.click("text=Paint a mask");
  await page.click("text=Find the person");
  await page.waitForSelector(".tools button:has-text('Undo'):enabled", h.patient);
  await page.click("text=Use the mask");
  const mask = await h.decoded(page, await h.bytesOf(page, ".thumbnail .mask"));
  assert.deepEqual([mask.width, mask.height], [512, 512]);
  const at = (x, y) => mask.pixels[4 * (y * 512 + x)];
  assert.deepEqual([at(256, 256), at(4, 4)], [255, 0]);
  assert.equal(await page.isChecked("#inpaint_full_res"), true);
  await page.fill("#steps", "2");
  await h.draw(page);
  const drawn = await h.decoded(page, await h.bytesOf(page, ".shown img"));
  assert.deepEqual([drawn.width, drawn.height], [512, 512]);
});

onPage("a reload keeps the form, the pictures and the picture to begin from", async (page) => {
  await page.fill("#steps", "3");
  await page.fill("#prompt", "guitar");
  await page.fill("#seed", "9");
  await h.draw(page);
  await beginFromPhotograph(page);
  await page.reload();
  await page.waitForSelector(".gallery li");
  await page.waitForSelector(".source .thumbnail");
  assert.deepEqual([await page.inputValue("#prompt"), await page.inputValue("#seed"), await page.inputValue("#steps")], ["guitar", "9", "3"]);
  page.once("dialog", (dialog) => dialog.accept());
  await page.click("text=Clear…");
  await page.waitForFunction(() => !document.querySelector(".gallery"));
  await page.reload();
  await page.waitForSelector(".settings");
  await page.waitForSelector(".source .thumbnail");
  assert.equal(await page.locator(".gallery li").count(), 0);
});

onPage("a drawing goes on over a reload, and gives each picture once", async (page) => {
  await page.fill("#steps", "60");
  await page.fill("#batch_size", "4");
  await page.click(h.drawButton);
  await page.waitForSelector(".gallery li", h.patient);
  await page.reload();
  await h.untilStatus(page, /^Done/);
  assert.equal(await page.locator(".gallery li").count(), 4);
});

onPage("a wrong value is told beside its field, which gets the focus", async (page) => {
  await page.fill("#steps", "5000");
  await page.click(".settings summary");
  await page.click(h.drawButton);
  await page.waitForSelector("#steps-error:visible");
  assert.match(await page.textContent("#steps-error"), /1 to 1000/);
  assert.equal(await page.evaluate(() => document.activeElement.id), "steps");
  assert.equal(await page.getAttribute("#steps", "aria-invalid"), "true");
  assert.equal(await page.getAttribute("#steps", "aria-describedby"), "steps-error");
  await page.fill("#steps", "2");
  assert.equal(await page.locator(".field-error").count(), 0);
  assert.equal(await h.draw(page), 1);
}, { expected: ["422"] });

onPage("a prompt may be of any length, in chunks", async (page) => {
  assert.equal(await page.textContent(".tokens"), "1 / 75 tokens");
  await page.fill("#prompt", `${"red ".repeat(75)}elephant`);
  await page.waitForFunction(() => document.querySelector(".tokens").textContent === "76 / 150 tokens in 2 chunks");
  assert.equal(await page.locator(".prompt .warning").count(), 0);
});

onPage("known words are suggested and taken over", async (page) => {
  await page.fill("#prompt", "a cat, saxo");
  await page.click(".words >> text=saxophone");
  assert.equal(await page.inputValue("#prompt"), "a cat, saxophone");
});

onPage("seeds and guidance are compared side by side, and the job file draws the same", async (page) => {
  await page.click(".modes >> text=Compare");
  await page.fill("#columns-values", "4-6");
  await page.selectOption("#rows", "cfg_scale");
  await page.fill("#rows-values", "1.5, 2");
  await page.fill("#steps", "3");
  await page.selectOption("#sampler_name", "Euler a");
  assert.match(await page.textContent(".compare"), /Pictures: 6/);
  await h.draw(page);
  assert.equal(await page.locator("td img").count(), 6);
  assert.deepEqual(await page.locator("thead th").allTextContents(), ["4", "5", "6"]);
  const fourth = await h.bytesOf(page, "tbody tr:nth-child(2) td:nth-child(2) img");
  const [file] = await Promise.all([page.waitForEvent("download"), page.click("text=Job file")]);
  const folder = mkdtempSync(join(tmpdir(), "easel-job-"));
  try {
    await file.saveAs(join(folder, "job.toml"));
    await h.easel(folder, "run", "job.toml", "--no-sheet");
    const drawn = readdirSync(folder).filter((name) => name.endsWith("4.png"));
    assert.deepEqual(readFileSync(join(folder, drawn[0])), fourth);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

onPage("samplers that want different schedules are a job file of their own parts", async (page) => {
  await page.click(".modes >> text=Compare");
  await page.selectOption("#columns", "sampler_name");
  await page.fill("#columns-values", "Euler, DPM++ 2M");
  await page.fill("#prompt", '"@quoted" \\ cat');
  const [file] = await Promise.all([page.waitForEvent("download"), page.click("text=Job file")]);
  const folder = mkdtempSync(join(tmpdir(), "easel-job-"));
  try {
    await file.saveAs(join(folder, "job.toml"));
    await h.easel(folder, "run", "job.toml", "--dry-run");
    assert.match(readFileSync(join(folder, "job.toml"), "utf8"), /sampler = "Euler"\nschedule = "discrete"\n\n\[\[picture\]\]\nsampler = "DPM\+\+ 2M"\nschedule = "karras"/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

onPage("a job file leaves an automatic schedule out where the model has its own", async (page) => {
  await page.click(".modes >> text=Compare");
  await page.selectOption("#columns", "scheduler");
  await page.fill("#columns-values", "Automatic, Karras");
  const [file] = await Promise.all([page.waitForEvent("download"), page.click("text=Job file")]);
  const folder = mkdtempSync(join(tmpdir(), "easel-job-"));
  try {
    await file.saveAs(join(folder, "job.toml"));
    await h.easel(folder, "run", "job.toml", "--dry-run");
    assert.match(readFileSync(join(folder, "job.toml"), "utf8"), /\n\[\[picture\]\]\n\n\[\[picture\]\]\nschedule = "karras"\n$/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

onPage("a job file that begins from a picture comes with the picture, and draws the same", async (page) => {
  await beginFromPhotograph(page);
  await page.click(".modes >> text=Compare");
  await page.selectOption("#columns", "denoising_strength");
  await page.fill("#columns-values", "0.4, 0.6");
  await page.fill("#steps", "4");
  await h.draw(page);
  const second = await h.bytesOf(page, "tbody td:nth-child(2) img");
  const folder = mkdtempSync(join(tmpdir(), "easel-job-"));
  try {
    const saved = [];
    page.on("download", (file) => saved.push(file.saveAs(join(folder, file.suggestedFilename()))));
    await page.click("text=Job file");
    while (saved.length < 2) await page.waitForTimeout(50);
    await Promise.all(saved);
    assert.match(await page.textContent(".status"), /begin\.(png|jpg|webp) beside it/);
    await h.easel(folder, "run", "job.toml", "--no-sheet");
    const drawn = readdirSync(folder).filter((name) => name.endsWith(".png") && !name.startsWith("begin"));
    assert.equal(drawn.length, 2);
    assert.ok(drawn.some((name) => readFileSync(join(folder, name)).equals(second)));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

onPage("a comparison of other settings has one random seed, which its job file tells", async (page) => {
  await page.click(".modes >> text=Compare");
  await page.selectOption("#columns", "steps");
  await page.fill("#columns-values", "1, 2");
  await h.draw(page);
  const seeds = new Set();
  for (const nth of [1, 2]) {
    await page.click(`td:nth-child(${nth}) button`);
    seeds.add(/Seed\s*(\d+)/.exec(await page.textContent(".viewer dl"))[1]);
    await page.keyboard.press("Escape");
  }
  assert.equal(seeds.size, 1);
  const [file] = await Promise.all([page.waitForEvent("download"), page.click("text=Job file")]);
  const path = await file.path();
  assert.match(readFileSync(path, "utf8"), new RegExp(`^seed = ${[...seeds][0]}$`, "m"));
});

onPage("a comparison that cannot be is told beside its values", async (page) => {
  await page.click(".modes >> text=Compare");
  await page.fill("#columns-values", "");
  await page.click(h.drawButton);
  await page.waitForSelector("#columns-values-error");
  await page.fill("#columns-values", "1-60");
  await page.selectOption("#rows", "steps");
  await page.click(h.drawButton);
  assert.match(await page.textContent("#columns-values-error"), /100/);
});

test("a server that goes and comes back is waited for", async () => {
  const other = await h.startServer();
  let again;
  try {
    await h.visit(other.address, {}, async (page) => {
      await page.fill("#steps", "400");
      await page.fill("#batch_size", "64");
      await page.click(h.drawButton);
      await h.untilStatus(page, /Step \d/);
      await other.stop("SIGKILL");
      await h.untilStatus(page, /does not answer/);
      again = await h.startServer(other.port);
      await h.untilIdle(page);
      assert.match(await page.textContent(".error"), /does not know this drawing/);
      await page.fill("#steps", "2");
      await page.fill("#batch_size", "1");
      assert.equal(await h.draw(page), 1);
      assert.equal(await page.locator(".error").count(), 0);
    }, ["net::", "404", "503"]);
  } finally {
    await again?.stop();
    await other.stop();
  }
});

test("a full queue is told, and its turn waited for", async () => {
  const small = await h.startServer(0, "--queue", "1");
  const post = () => fetch(`${small.address}/easel/v1/jobs`, { method: "POST", body: JSON.stringify({ steps: 400, batch_size: 64 }) });
  try {
    const jobs = [(await (await post()).json()).id];
    while ((await (await fetch(`${small.address}/easel/v1/jobs/${jobs[0]}`)).json()).state !== "running");
    jobs.push((await (await post()).json()).id);
    await h.visit(small.address, {}, async (page) => {
      await page.fill("#steps", "2");
      await page.click(h.drawButton);
      await h.untilStatus(page, /^The queue is full\. Trying again in \d+ s\.$/);
      await fetch(`${small.address}/easel/v1/jobs/${jobs[1]}`, { method: "DELETE" });
      await h.untilStatus(page, /^Waiting; it is the next$/);
      await fetch(`${small.address}/easel/v1/jobs/${jobs[0]}`, { method: "DELETE" });
      await h.untilStatus(page, /^Done/);
    }, ["503"]);
  } finally {
    await small.stop();
  }
});

const groundOf = (page) => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);

onPage("dark follows the system, and the switch", async (page) => {
  assert.equal(await groundOf(page), "rgb(22, 21, 26)");
  const change = page.locator("header .icon");
  await change.click();
  assert.equal(await change.getAttribute("aria-label"), "Light colours");
  assert.equal(await groundOf(page), "rgb(247, 246, 243)");
  await page.reload();
  await page.waitForSelector(".settings");
  assert.equal(await groundOf(page), "rgb(247, 246, 243)");
}, { options: { colorScheme: "dark" } });

for (const colorScheme of ["light", "dark"]) {
  onPage(`nothing bars the way of people with impairments, ${colorScheme}`, async (page) => {
    await h.checkAccessibility(page, "at first");
    await page.fill("#steps", "2000");
    await page.click(h.drawButton);
    await page.waitForSelector(".field-error");
    await h.checkAccessibility(page, "with an error");
    await page.fill("#steps", "60");
    await page.click(h.drawButton);
    await page.waitForSelector("img.preview", h.patient);
    await h.checkAccessibility(page, "while it is drawn");
    await h.untilIdle(page);
    await page.click(".shown");
    await h.checkAccessibility(page, "a picture by itself");
    await page.click("text=Begin from this");
    await page.click("text=Paint a mask");
    await h.checkAccessibility(page, "painting a mask");
    await page.focus(".layers canvas");
    await page.keyboard.press("Space");
    await page.click("text=Use the mask");
    await page.waitForSelector("#mask_blur");
    await h.checkAccessibility(page, "with a mask");
    await page.click(".source >> text='Remove'");
    await page.fill("#steps", "2");
    await page.click(".modes >> text=Compare");
    await page.selectOption("#rows", "steps");
    await page.fill("#rows-values", "1, 2");
    await h.draw(page);
    await h.checkAccessibility(page, "compared");
  }, { options: { colorScheme, reducedMotion: "reduce" }, expected: ["422"] });
}

onPage("on a phone it is one column, and a finger paints the mask", async (page) => {
  const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(await overflow(), 0);
  assert.equal(await page.isVisible("#steps"), false);
  await page.tap(".settings summary");
  await page.fill("#steps", "2");
  assert.equal(await overflow(), 0);
  await page.tap(h.drawButton);
  await h.untilIdle(page);
  await page.tap(".shown");
  await page.tap("text=Begin from this");
  await page.tap("text=Paint a mask");
  await page.tap(".layers canvas");
  await page.waitForSelector(".tools button:has-text('Undo'):enabled");
  await page.tap("text=Use the mask");
  await page.waitForSelector(".thumbnail .mask");
  assert.equal(await overflow(), 0);
  await page.tap(".modes >> text=Compare");
  assert.equal(await overflow(), 0);
}, { options: { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 } });

onPage("it speaks the browser's language, and another that is chosen", async (page) => {
  assert.equal(await page.textContent(h.drawButton), "Zeichnen");
  assert.equal(await page.getAttribute("html", "lang"), "de");
  await page.selectOption("header select[aria-label=Sprache]", "ja");
  await page.waitForFunction(() => document.documentElement.lang === "ja");
  await page.reload();
  await page.waitForSelector(".settings");
  assert.equal(await page.getAttribute("html", "lang"), "ja");
}, { options: { locale: "de-AT" } });

test("LoRAs and embeddings are added to the prompt, and a LoRA's weight by a slider", async () => {
  const golden = `${h.top}/tests/golden`;
  const other = await h.startServer(0, "--model", `${golden}/tiny/diffusers`, "--lora-dir", `${golden}/adapters/loras`,
    "--embedding-dir", `${golden}/adapters/embeddings`);
  try {
    await h.visit(other.address, {}, async (page) => {
      await page.fill("#prompt", "a fox");
      await page.selectOption("#add-lora", { label: "kohya" });
      assert.equal(await page.inputValue("#prompt"), "a fox <lora:kohya:1>");
      await page.fill("#lora-0", "0.5");
      assert.equal(await page.inputValue("#prompt"), "a fox <lora:kohya:0.5>");
      assert.equal(await page.locator("#add-lora option", { hasText: /^kohya$/ }).count(), 0, "it is there already");
      const embedding = await page.locator("#add-embedding optgroup:last-child option", { hasText: "bad_hands" }).getAttribute("value");
      await page.selectOption("#add-embedding", embedding);
      assert.equal(await page.inputValue("#negative_prompt"), "bad_hands");
      await h.checkAccessibility(page, "LoRAs");
      await page.fill("#steps", "2");
      await h.draw(page);
      const text = (await h.bytesOf(page, ".gallery li img")).toString("latin1");
      assert.match(text, /<lora:kohya:0\.5>/);
      assert.match(text, /Lora hashes: "kohya: .*TI hashes: "bad_hands: /);
      await page.click(".lora button");
      assert.equal(await page.inputValue("#prompt"), "a fox");
    });
  } finally {
    await other.stop();
  }
});

onPage("a picture is drawn in two passes, and enlarged", async (page) => {
  await page.fill("#prompt", "rocket");
  await page.fill("#steps", "2");
  await page.fill("#seed", "5");
  await page.check("#enable_hr");
  await page.fill("#hr_scale", "1.5");
  await page.selectOption("#hr_upscaler", "Latent (nearest-exact)");
  await h.checkAccessibility(page, "a second pass");
  await h.draw(page);
  const text = (await h.bytesOf(page, ".gallery li img")).toString("latin1");
  assert.match(text, /Denoising strength: 0\.6, Hires resize: 192x192, Hires steps: 2, Hires upscaler: Latent \(nearest-exact\)/);
  await page.click(".gallery li button");
  await page.click(".enlarge button");
  await page.waitForFunction(() => document.querySelectorAll(".gallery li").length === 2, null, h.patient);
  const size = () => page.$eval(".viewer img", (image) => image.decode().then(() => [image.naturalWidth, image.naturalHeight]));
  assert.deepEqual(await size(), [384, 384]);
  await page.click("text=Use these settings");
  assert.equal(await page.isChecked("#enable_hr"), true);
  assert.equal(await page.inputValue("#hr_scale"), "1.5");
  assert.equal(await page.inputValue("#hr_upscaler"), "Latent (nearest-exact)");
  await page.uncheck("#enable_hr");
  assert.equal(await page.locator("#hr_scale").count(), 0);
});

test("a ControlNet follows a picture, of which is shown what it sees", async () => {
  const golden = `${h.top}/tests/golden`;
  const nets = `${golden}/adapters/controlnet`;
  const other = await h.startServer(0, "--model", `${golden}/tiny/diffusers`, "--control-dir", nets);
  try {
    await h.visit(other.address, {}, async (page) => {
      await page.fill("#prompt", "a fox");
      await page.fill("#steps", "2");
      await page.fill("#seed", "7");
      await page.selectOption("#add-control", { label: "edges" });
      await page.click(h.drawButton);
      await page.waitForFunction(() => document.querySelector(".error")?.textContent.includes("edges"));
      const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.click(".control .thumbnail")]);
      await chooser.setFiles(`${golden}/inputs/lines_64x64.png`);
      await page.waitForSelector(".control .thumbnail img");
      assert.equal(await page.locator(".source").count(), 0, "it is not the picture to begin from");
      const chosen = await h.bytesOf(page, ".control .thumbnail img");
      await page.selectOption("#control-1-annotator", "canny");
      await page.waitForFunction(() => document.querySelector(".control [role=status]").textContent !== "");
      const seen = await h.bytesOf(page, ".control .thumbnail img");
      assert.notDeepEqual(seen, chosen);
      const { pixels } = await h.decoded(page, seen);
      assert.ok(pixels.every((value) => value === 0 || value === 255), "edges are white on black");
      await page.fill("#control-1-scale", "0.8");
      await page.fill("#control-1-start", "0.5");
      await page.fill("#control-1-end", "0.25");
      assert.equal(await page.inputValue("#control-1-start"), "0.2", "something is left of the steps");
      await page.fill("#control-1-start", "0");
      await page.fill("#control-1-end", "0.9");
      await h.checkAccessibility(page, "ControlNets");
      await page.reload();
      await page.waitForFunction(() => document.querySelector(".control [role=status]")?.textContent);
      assert.deepEqual(await h.bytesOf(page, ".control .thumbnail img"), seen);
      await h.draw(page);
      const followed = await h.bytesOf(page, ".gallery li img");
      assert.match(followed.toString("latin1"), /Controls: "edges::0\.8:0:0\.9"/);

      await page.click(".modes >> text=Compare");
      await page.fill("#columns-values", "7");
      const folder = mkdtempSync(join(tmpdir(), "easel-job-"));
      try {
        const saved = [];
        page.on("download", (file) => saved.push(file.saveAs(join(folder, file.suggestedFilename()))));
        await page.click("text=Job file");
        while (saved.length < 2) await page.waitForTimeout(50);
        await Promise.all(saved);
        const job = readFileSync(join(folder, "job.toml"), "utf8");
        writeFileSync(join(folder, "job.toml"), `model = "${golden}/tiny/diffusers"\ncontrol-dir = "${nets}"\n${job}`);
        await h.easel(folder, "run", "job.toml", "--no-sheet");
        const drawn = readdirSync(folder).filter((name) => name.endsWith(".png") && !name.startsWith("control"));
        const same = await h.decoded(page, readFileSync(join(folder, drawn[0])));
        assert.deepEqual(same.pixels, (await h.decoded(page, followed)).pixels);
      } finally {
        rmSync(folder, { recursive: true });
      }
      await page.click(".modes >> text=Pictures");
      await page.click(".control .icon");
      await h.draw(page);
      assert.doesNotMatch((await h.bytesOf(page, ".gallery li img")).toString("latin1"), /Controls/);
    });
  } finally {
    await other.stop();
  }
});

test("a picture dropped on a ControlNet is for it, and where the server has none nothing is said of them", async () => {
  const golden = `${h.top}/tests/golden`;
  const other = await h.startServer(0, "--model", `${golden}/tiny/diffusers`, "--control-dir", `${golden}/adapters/controlnet`);
  try {
    await h.visit(other.address, { viewport: { width: 360, height: 740 } }, async (page) => {
      await page.selectOption("#add-control", { label: "edges" });
      await page.evaluate((numbers) => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(numbers)], "picture", { type: "image/png" }));
        document.querySelector(".control").dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
      }, [...h.fileIn("tests/golden/inputs/lines_64x64.png")]);
      await page.waitForSelector(".control .thumbnail img");
      assert.equal(await page.locator(".source").count(), 0);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing is beside the screen");
    });
  } finally {
    await other.stop();
  }
  await h.visit(server.address, {}, async (page) => assert.equal(await page.locator("#add-control").count(), 0));
});

test("each language has all texts, with the same places for values", async () => {
  const folder = `${h.top}/src/server/page/texts`;
  const tables = {};
  for (const name of readdirSync(folder)) {
    const source = readFileSync(join(folder, name), "utf8");
    tables[name] = (await import(`data:text/javascript,${encodeURIComponent(source)}`)).default;
  }
  assert.deepEqual(Object.keys(tables).sort(), ["de.js", "en.js", "es.js", "fr.js", "ja.js", "zh.js"]);
  const places = (text) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
  for (const [name, table] of Object.entries(tables)) {
    assert.deepEqual(Object.keys(table), Object.keys(tables["en.js"]), name);
    for (const key of Object.keys(table)) assert.deepEqual(places(table[key]), places(tables["en.js"][key]), `${name}: ${key}`);
  }
});

test("the libraries are those that VENDORED.md names", () => {
  const folder = `${h.top}/src/server/page/vendor`;
  const told = [...readFileSync(`${folder}/VENDORED.md`, "utf8").matchAll(/^\| `([\w.]+)` .*`([0-9a-f]{64})` \|$/gm)];
  assert.deepEqual(told.map(([, name]) => name).sort(), readdirSync(folder).filter((name) => name.endsWith(".mjs")).sort());
  for (const [, name, hash] of told)
    assert.equal(createHash("sha256").update(readFileSync(join(folder, name))).digest("hex"), hash, name);
});

onPage("it can be installed", async (page) => {
  const manifest = await page.evaluate(async () => (await fetch(document.querySelector("link[rel=manifest]").href)).json());
  assert.equal(manifest.start_url, "/");
  for (const { src, type } of manifest.icons)
    assert.equal(await page.evaluate(async (address) => (await fetch(address)).headers.get("Content-Type"), src), type);
});
