// The page of `easel serve`: a form, the picture that is drawn, and those drawn so far.
const at = (id) => document.getElementById(id);
const form = at("form");
const fields = ["prompt", "negative_prompt", "width", "height", "steps", "cfg_scale", "sampler_name", "scheduler", "seed",
                "batch_size", "denoising_strength"];
const kept = "easel.form";
const longestSource = 64e6;

let capabilities = null;
let job = null; // {id, events} of the one that is drawn
let source = null; // data URL of the picture to begin from
let sourceSettings = null;
let lastSeed = null;
let shown = null; // the gallery's picture in the viewer

// ---- the server

async function ask(path, body, method = body === undefined ? "GET" : "POST") {
  let response;
  try {
    response = await fetch(path, { method, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw { message: "The server does not answer. Is it still running?" };
  }
  if (response.status === 204) return null;
  const answer = await response.json();
  if (!response.ok) throw { message: answer.detail, field: answer.errors, status: response.status };
  return answer;
}

async function readCapabilities() {
  capabilities = await ask("/easel/v1/capabilities");
  fill(at("model"), capabilities.models, capabilities.model);
  fill(at("sampler_name"), ["", ...capabilities.samplers], at("sampler_name").value);
  fill(at("scheduler"), capabilities.schedules, at("scheduler").value || capabilities.schedules[0]);
  at("model").disabled = capabilities.models.length < 2;
  const defaults = capabilities.defaults;
  if (!defaults.width) return setTimeout(connect, 500); // the model is being loaded
  for (const [id, key] of [["width", "width"], ["height", "height"], ["steps", "steps"], ["cfg_scale", "cfg_scale"]])
    at(id).placeholder = defaults[key];
  if (!at("prompt").value && capabilities.words.length) at("prompt").value = "rocket";
  if (!job) tell(capabilities.words.length ? "Ready. This small model draws emoji by their names." : "Ready.");
  showWords();
}

function fill(select, values, chosen) {
  select.replaceChildren(...values.map((value) => new Option(value || "model's own", value, false, value === chosen)));
}

// ---- the form

function keepForm() {
  const values = Object.fromEntries(fields.map((id) => [id, at(id).value]));
  try {
    localStorage.setItem(kept, JSON.stringify({ ...values, more: at("more").open }));
  } catch { /* then it is not kept */ }
}

function restoreForm() {
  let values = {};
  try {
    values = JSON.parse(localStorage.getItem(kept)) || {};
  } catch { /* then it begins anew */ }
  for (const id of fields) {
    if (values[id] === undefined) continue;
    if (at(id).tagName === "SELECT") at(id).append(new Option(values[id], values[id], true, true));
    else at(id).value = values[id];
  }
  at("more").open = values.more ?? window.matchMedia("(min-width: 56rem)").matches;
  tellStrength();
}

function request() {
  const asked = {};
  for (const id of fields)
    if (at(id).value.trim() !== "") asked[id] = at(id).value;
  if (source) asked.init_images = [source];
  else delete asked.denoising_strength;
  return asked;
}

function useSettings(parameters) {
  const set = (id, value) => { if (value !== undefined) at(id).value = value; };
  set("prompt", parameters.Prompt);
  set("negative_prompt", parameters["Negative prompt"] ?? "");
  set("steps", parameters.Steps);
  set("cfg_scale", parameters["CFG scale"]);
  set("seed", parameters.Seed);
  set("width", parameters["Size-1"]);
  set("height", parameters["Size-2"]);
  if (capabilities.samplers.includes(parameters.Sampler)) set("sampler_name", parameters.Sampler);
  if (capabilities.schedules.includes(parameters["Schedule type"])) set("scheduler", parameters["Schedule type"]);
  set("denoising_strength", parameters["Denoising strength"]);
  tellStrength();
  showWords();
  keepForm();
  at("prompt").focus();
}

function tellStrength() {
  at("strength-told").value = `${Math.round(100 * at("denoising_strength").value)} %`;
}

/// Words that go on as the last one in the prompt does, or some to begin with.
function showWords() {
  const words = capabilities?.words ?? [];
  const prompt = at("prompt").value.toLowerCase();
  const last = prompt.split(",").pop().trim();
  let fitting = words.filter((word) => last && word.toLowerCase() !== last && word.toLowerCase().includes(last));
  fitting.sort((a, b) => a.toLowerCase().startsWith(last) < b.toLowerCase().startsWith(last) ? 1 : -1);
  if (!fitting.length) fitting = ["rocket", "cat face", "guitar", "sailboat", "teddy bear"].filter((word) => words.includes(word) && word !== last);
  at("words").hidden = !words.length;
  at("words").replaceChildren(...fitting.slice(0, 5).map((word) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = word;
    button.addEventListener("click", () => {
      at("prompt").value = word;
      showWords();
      keepForm();
      at("prompt").focus();
    });
    return button;
  }));
}

function clearErrors() {
  at("error").hidden = true;
  for (const message of document.querySelectorAll(".field-error")) message.remove();
  for (const field of document.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-errormessage");
  }
}

function showError(error) {
  clearErrors();
  const field = fields.includes(error.field) ? at(error.field) : null;
  if (!field) {
    at("error").textContent = error.message;
    at("error").hidden = false;
    return;
  }
  const message = document.createElement("p");
  message.className = "field-error";
  message.id = "field-error";
  message.textContent = error.message;
  field.closest(".field, .count, .source-settings").append(message);
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-errormessage", message.id);
  if (at("more").contains(field)) at("more").open = true;
  field.focus();
}

// ---- drawing

const tell = (text) => { at("status").textContent = text; };

function seconds(value) {
  if (!(value > 0)) return "";
  return value < 90 ? `about ${Math.ceil(value)} s left` : `about ${Math.round(value / 60)} min left`;
}

async function draw(event) {
  event?.preventDefault();
  if (job) return;
  clearErrors();
  keepForm();
  at("notes").replaceChildren();
  setRunning(true);
  tell("Sent.");
  try {
    const posted = await ask("/easel/v1/jobs", request());
    job = { id: posted.id, drawn: 0 };
    at("stage").scrollIntoView({ block: "nearest" });
    follow();
  } catch (error) {
    setRunning(false);
    tell("");
    showError(error);
  }
}

function setRunning(runs) {
  at("draw").disabled = runs;
  at("running").hidden = !runs;
  at("progress").toggleAttribute("data-idle", !runs);
  if (runs) at("progress").removeAttribute("value");
}

function follow() {
  const events = new EventSource(`/easel/v1/jobs/${job.id}/events`);
  job.events = events;
  for (const kind of ["queued", "progress", "done", "failed", "cancelled"])
    events.addEventListener(kind, (event) => onEvent(kind, JSON.parse(event.data)));
  events.addEventListener("error", () => {
    if (events.readyState === EventSource.CLOSED) return over({ message: "The server does not know this job any more." });
    tell("The server does not answer; trying again.");
  });
}

function onEvent(kind, status) {
  for (; job.drawn < status.pictures.length; ++job.drawn) addPicture(status.pictures[job.drawn]);
  if (kind === "queued") return tell(status.position > 1 ? `Waiting: ${status.position - 1} before it.` : "Waiting: next.");
  if (kind === "progress") return onProgress(status);
  showNotes(status.notes);
  if (kind === "failed") return over(status.error);
  over(null, kind === "done" ? `Done in ${status.seconds.toFixed(1)} s.` : "Cancelled.");
}

const stages = { load: "Loading the model", compile: "Preparing for this size", text: "Reading the prompt", encode: "Reading the picture", decode: "Finishing" };

function onProgress(status) {
  const which = status.count > 1 ? `Picture ${status.picture + 1} of ${status.count}, ` : "";
  const what = stages[status.stage] ?? `step ${status.step} of ${status.steps}`;
  tell([which + (which ? what.toLowerCase() : what[0].toUpperCase() + what.slice(1)), seconds(status.eta)].filter(Boolean).join(" · "));
  if (status.steps > 0) at("progress").value = status.progress;
  if (status.preview) show(status.preview, "What is drawn, unfinished", true);
}

function over(error, text = "") {
  job.events?.close();
  job = null;
  setRunning(false);
  tell(text);
  if (error) showError(error);
}

function show(address, description, isUnfinished = false) {
  const preview = at("preview");
  at("empty").hidden = true;
  preview.hidden = false;
  preview.onload = () => { // an unfinished picture has few pixels, whose edges say nothing
    const enlarged = preview.clientHeight / preview.naturalHeight;
    preview.style.filter = isUnfinished ? `blur(${enlarged / 3}px)` : "";
  };
  preview.src = address;
  preview.alt = description;
}

function showNotes(notes) {
  at("notes").replaceChildren(...notes.map((note) => {
    const entry = document.createElement("li");
    entry.textContent = note.replaceAll("`", "");
    return entry;
  }));
}

async function stop(how) {
  if (!job) return;
  try {
    if (how === "finish") await ask(`/easel/v1/jobs/${job.id}/finish`, {});
    else {
      const { id } = job;
      over(null, "Cancelled.");
      await ask(`/easel/v1/jobs/${id}`, undefined, "DELETE");
    }
  } catch (error) {
    showError(error);
  }
}

// ---- pictures

async function addPicture(picture) {
  lastSeed = picture.seed;
  at("seed-last").disabled = false;
  const description = picture.parameters.split("\n")[0] || "a picture";
  let address = picture.url;
  try { // the server forgets it after ten minutes
    address = URL.createObjectURL(await (await fetch(picture.url)).blob());
  } catch { /* then it is shown as long as the server has it */ }
  show(address, description);
  const image = new Image();
  image.src = address;
  image.alt = description;
  const button = document.createElement("button");
  button.type = "button";
  button.append(image);
  button.addEventListener("click", () => view({ ...picture, address, description }));
  const entry = document.createElement("li");
  entry.append(button);
  at("gallery").prepend(entry);
}

function view(picture) {
  shown = picture;
  at("viewer-title").textContent = picture.description;
  at("viewer-picture").src = picture.address;
  at("viewer-picture").alt = picture.description;
  at("viewer-text").textContent = picture.parameters;
  at("viewer-download").href = picture.address;
  at("viewer-download").download = `easel-${picture.seed}.png`;
  at("viewer").showModal();
}

const dataUrl = (blob) => new Promise((resolve, reject) => {
  const reader = new FileReader();
  reader.addEventListener("load", () => resolve(reader.result));
  reader.addEventListener("error", () => reject(reader.error));
  reader.readAsDataURL(blob);
});

async function settingsIn(picture) {
  const told = await ask("/sdapi/v1/png-info", { image: picture });
  return told.parameters.Steps ? told.parameters : null;
}

async function beginFrom(blob) {
  clearErrors();
  if (blob.size > longestSource * 0.7) return showError({ message: "This picture is too large to be sent." });
  try {
    const picture = await dataUrl(blob);
    sourceSettings = await settingsIn(picture);
    source = picture;
  } catch (error) {
    return showError(error);
  }
  at("source-picture").src = source;
  at("source-use").hidden = !sourceSettings;
  at("source").hidden = false;
}

function removeSource() {
  source = sourceSettings = null;
  at("source").hidden = true;
  at("source-picture").removeAttribute("src");
  at("file").value = "";
}

// ---- what a person does

form.addEventListener("submit", draw);
form.addEventListener("input", keepForm);
at("prompt").addEventListener("input", showWords);
at("denoising_strength").addEventListener("input", tellStrength);
at("more").addEventListener("toggle", keepForm);
at("cancel").addEventListener("click", () => stop("cancel"));
at("finish").addEventListener("click", () => stop("finish"));
at("seed-random").addEventListener("click", () => { at("seed").value = ""; keepForm(); });
at("seed-last").addEventListener("click", () => { at("seed").value = lastSeed; keepForm(); });
at("reset").addEventListener("click", () => {
  for (const id of ["width", "height", "steps", "cfg_scale", "negative_prompt", "sampler_name", "seed"]) at(id).value = "";
  at("scheduler").selectedIndex = 0;
  keepForm();
});
at("file").addEventListener("change", () => { if (at("file").files[0]) beginFrom(at("file").files[0]); });
at("source-remove").addEventListener("click", removeSource);
at("source-use").addEventListener("click", () => { useSettings(sourceSettings); removeSource(); });
at("viewer-close").addEventListener("click", () => at("viewer").close());
at("viewer-use").addEventListener("click", async () => {
  at("viewer").close();
  try {
    useSettings(await settingsIn(await dataUrl(await (await fetch(shown.address)).blob())));
  } catch (error) {
    showError(error);
  }
});
at("viewer-begin").addEventListener("click", async () => {
  at("viewer").close();
  beginFrom(await (await fetch(shown.address)).blob());
});
at("model").addEventListener("change", async () => {
  tell("Loading the model.");
  try {
    await ask("/sdapi/v1/options", { sd_model_checkpoint: at("model").value });
  } catch (error) {
    showError(error);
  }
  readCapabilities().catch(showError);
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) draw(event);
  if (event.key === "Escape" && job && !at("viewer").open) stop("cancel");
});
document.addEventListener("paste", (event) => {
  const file = [...event.clipboardData.files].find((one) => one.type.startsWith("image/"));
  if (file) beginFrom(file);
});
const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
document.addEventListener("dragover", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  document.body.classList.add("dropping");
});
document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) document.body.classList.remove("dropping"); });
document.addEventListener("drop", (event) => {
  document.body.classList.remove("dropping");
  if (!hasFiles(event)) return;
  event.preventDefault();
  if (event.dataTransfer.files[0]) beginFrom(event.dataTransfer.files[0]);
});

restoreForm();
/// Until the server answers.
async function connect() {
  try {
    clearErrors();
    await readCapabilities();
  } catch (error) {
    showError(error);
    setTimeout(connect, 3000);
  }
}
connect();
