// The server as programs see it that use modelfusion, node-sd-webui and openai from npm. SERVER is its address.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiCallError, automatic1111, generateImage } from "modelfusion";
import sdwebui from "node-sd-webui";
import OpenAI from "openai";

const url = new URL(process.env.SERVER);
const size = 64, steps = 2, prompt = "a red house";
const isPng = (text) => Buffer.from(text, "base64").subarray(1, 4).toString() === "PNG";

const api = new automatic1111.Api({
  baseUrl: { protocol: url.protocol.slice(0, -1), host: url.hostname, port: url.port, path: "/sdapi/v1" },
  retry: (call) => call(),
});
const drawnBy = (sampler) =>
  generateImage({
    model: automatic1111.ImageGenerator({ api, model: "diffusers", steps, sampler, width: size, height: size, seed: 3 }),
    prompt: { prompt, negativePrompt: "blue" },
  });

test("modelfusion draws", async () => assert.ok((await drawnBy("Euler a")).length > 100));

test("modelfusion reads an error, whose fields must all be texts", async () => {
  await assert.rejects(drawnBy("no such sampler"), (error) => {
    const cause = error.cause ?? error;
    return cause instanceof ApiCallError && cause.data !== undefined;
  });
});

test("node-sd-webui draws, begins from a picture and reads its settings", async () => {
  const client = (sdwebui.default ?? sdwebui)({ apiUrl: url.origin });
  const options = { prompt, negativePrompt: "blue", seed: 6, samplingMethod: "Euler a", steps, width: size, height: size, cfgScale: 5 };
  const { images } = await client.txt2img(options);
  assert.deepEqual(images.map(isPng), [true]);
  assert.deepEqual((await client.img2img({ ...options, imageData: images })).images.map(isPng), [true]);
  // It reads the others by their place, which AUTOMATIC1111 1.9 changed.
  const info = await client.pngInfo({ imageData: images[0] });
  assert.deepEqual([info.prompt, info.negativePrompt, info.steps], [prompt, "blue", steps]);
});

test("openai lists models and draws", async () => {
  const client = new OpenAI({ baseURL: `${url.origin}/v1`, apiKey: "any", maxRetries: 0 });
  const { data: models } = await client.models.list();
  const drawn = await client.images.generate({ model: models[0].id, prompt, size: `${size}x${size}`, response_format: "b64_json", steps });
  assert.ok(isPng(drawn.data[0].b64_json));
});
