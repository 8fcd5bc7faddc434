// What the page asks the server.

/// An answer that is no success. `status` is 0 where there was no answer at all.
export class Failure extends Error {
  constructor(message, { status = 0, field = "", retryAfter = 0 } = {}) {
    super(message);
    this.status = status;
    this.field = field;
    this.retryAfter = retryAfter;
  }
}

/// A sentence without the name of its field at the beginning, beside which it is shown, and without backquotes.
const plain = (sentence, field) => {
  const words = sentence.replaceAll("`", "");
  const named = new RegExp(`^${field}( [^:]*)?: `).exec(words);
  return field && named ? words.slice(named[0].length) : words;
};

/// The answer to a request, as JSON. Throws Failure.
export async function ask(path, { body, method = body === undefined ? "GET" : "POST", headers, signal } = {}) {
  let response, answer;
  try {
    response = await fetch(path, { method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body) });
    answer = response.status === 204 ? null : await response.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Failure("");
  }
  if (response.ok) return answer;
  const field = answer.errors === answer.detail ? "" : answer.errors;
  throw new Failure(plain(answer.detail, field), {
    status: response.status,
    field,
    retryAfter: Number(response.headers.get("Retry-After")),
  });
}

export const readCapabilities = () => ask("/easel/v1/capabilities");
export const chooseModel = (title) => ask("/sdapi/v1/options", { body: { sd_model_checkpoint: title } });
export const countTokens = (prompt, signal) => ask("/easel/v1/tokens", { body: { prompt }, signal });
const pngOf64 = (base64) => new Blob([Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0))], { type: "image/png" });
/// The mask of the person in a picture, white on black; the picture as a data URL.
export async function findPerson(image) {
  const { mask } = await ask("/easel/v1/mask", { body: { image } });
  return pngOf64(mask);
}
/// What a ControlNet sees of a picture, a data URL, at a size: {picture, annotator, width, height}.
export async function annotate(body, signal) {
  const { picture } = await ask("/easel/v1/annotate", { body, signal });
  return pngOf64(picture);
}
/// A picture, given as a data URL, twice as large.
export async function enlarged(image, upscaler) {
  const answer = await ask("/sdapi/v1/extra-single-image", { body: { image, upscaler_1: upscaler, upscaling_resize: 2 } });
  return pngOf64(answer.image);
}
/// The settings stored in a picture, by the names that they have there; null where there are none.
export async function readSettings(image) {
  const { parameters } = await ask("/sdapi/v1/png-info", { body: { image } });
  return parameters.Steps ? parameters : null;
}

const pathOf = (id) => `/easel/v1/jobs/${encodeURIComponent(id)}`;
export const postJob = (request, key) => ask("/easel/v1/jobs", { body: request, headers: { "Idempotency-Key": key } });
export const finishJob = (id) => ask(`${pathOf(id)}/finish`, { body: {} });
export const deleteJob = (id) => ask(pathOf(id), { method: "DELETE" });
export const jobEvents = (id) => new EventSource(`${pathOf(id)}/events`);
/// A failure that an event tells of.
export const failureOf = ({ message, field }) => new Failure(plain(message, field ?? ""), { status: 422, field: field ?? "" });
