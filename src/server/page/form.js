// What is filled in, and what it asks the server for.
import { useCallback, useState } from "preact/hooks";
import { Failure } from "./api.js";
import { secondPassOf } from "./hires.js";
import { dataUrl, sizeToDraw } from "./pictures.js";
import { read, write } from "./storage.js";
import { text } from "./texts.js";

const kept = "easel.form";

/// Empty fields are left to the model.
const empty = {
  prompt: "", negative_prompt: "", width: "", height: "", steps: "", cfg_scale: "", sampler_name: "", scheduler: "Automatic",
  preset: "", seed: "", batch_size: "1", denoising_strength: "0.75", mask_blur: "4", inpainting_fill: "1", inpaint_full_res: false,
  enable_hr: false, hr_scale: "", hr_upscaler: "Latent", hr_second_pass_steps: "", hr_strength: "0.6",
  compares: false, columns: { setting: "seed", values: "" }, rows: { setting: "", values: "" },
};
/// Other than the exact one.
export const presets = ["balanced", "fast"];
const drawn = ["prompt", "negative_prompt", "width", "height", "steps", "cfg_scale", "sampler_name", "scheduler", "preset", "seed"];
export const ownSettings = { ...Object.fromEntries(drawn.map((name) => [name, empty[name]])) };
delete ownSettings.prompt;

function restored() {
  let values = {};
  try {
    values = JSON.parse(read(kept)) ?? {};
  } catch {
    // then it begins anew
  }
  const isSame = ([name, value]) => typeof value === typeof empty[name] && value !== null;
  return { ...empty, ...Object.fromEntries(Object.entries(values).filter(isSame)) };
}

/// The form, kept over a reload, and a function that changes fields of it.
export function useForm() {
  const [form, setForm] = useState(restored);
  const change = useCallback((changes) => {
    setForm((before) => {
      const after = { ...before, ...changes };
      write(kept, JSON.stringify(after));
      return after;
    });
  }, []);
  return [form, change];
}

const nativeSize = ({ defaults }) => ({ width: defaults.width, height: defaults.height });

/// The size that is drawn, empty where that is left to the server.
export function sizeFor(form, source, capabilities) {
  const isSized = form.width.trim() && form.height.trim();
  if (source?.mask && !form.inpaint_full_res) return { width: source.width, height: source.height };
  if (isSized || !source || source.mask || !capabilities.defaults.width) return { width: form.width, height: form.height };
  return sizeToDraw(source, nativeSize(capabilities), capabilities.fixed_size);
}

/// The entries of `controls`. Throws Failure where one has nothing to follow.
async function controlsFor(controls, source) {
  const entries = [];
  for (const { id, blob, ...entry } of controls) {
    if (!blob && !source) throw new Failure(text("controlNeedsPicture", { name: entry.model }), { status: 422 });
    entries.push({ ...entry, ...(blob && { picture: await dataUrl(blob) }) });
  }
  return entries;
}

/// The request for /easel/v1/jobs.
export async function requestFor(form, source, capabilities, controls) {
  const request = { batch_size: form.batch_size };
  for (const name of drawn) if (form[name].trim() !== "") request[name] = form[name];
  if (controls.length && capabilities.controlnets?.length) request.controls = await controlsFor(controls, source);
  if (!source) return { ...request, ...secondPassOf(form) };
  request.init_images = [await dataUrl(source.blob)];
  request.denoising_strength = form.denoising_strength;
  request.resize_mode = 1;
  const native = nativeSize(capabilities);
  if (source.mask) {
    request.mask = await dataUrl(source.mask);
    request.mask_blur = form.mask_blur || "0";
    request.inpainting_fill = form.inpainting_fill;
    request.inpaint_full_res = form.inpaint_full_res;
    if (!form.inpaint_full_res) delete request.width, delete request.height;
  } else if (!request.width && !request.height && native.width) {
    Object.assign(request, sizeToDraw(source, native, capabilities.fixed_size));
  }
  return request;
}

/// The fields for its second pass; without one, those for how it was drawn from a picture.
function secondPassIn(parameters, upscalers) {
  const strength = parameters["Denoising strength"];
  const [width] = (parameters["Hires resize"] ?? "").split("x");
  const scale = parameters["Hires upscale"] ?? (width && Number(width) / Number(parameters["Size-1"]));
  if (!scale) return { enable_hr: false, ...(strength && { denoising_strength: strength }) };
  const upscaler = parameters["Hires upscaler"];
  return {
    enable_hr: true,
    hr_scale: String(scale),
    hr_second_pass_steps: parameters["Hires steps"] ?? "",
    ...(upscalers.includes(upscaler) && { hr_upscaler: upscaler }),
    ...(strength && { hr_strength: strength }),
  };
}

/// The fields for the settings of a picture, as png-info tells them.
export function fieldsOf(parameters, capabilities) {
  const listed = (value, list, otherwise) => (list.includes(value) ? value : otherwise);
  return {
    prompt: parameters.Prompt ?? "",
    negative_prompt: parameters["Negative prompt"] ?? "",
    steps: parameters.Steps ?? "",
    cfg_scale: parameters["CFG scale"] ?? "",
    seed: parameters.Seed ?? "",
    width: parameters["Size-1"] ?? "",
    height: parameters["Size-2"] ?? "",
    sampler_name: listed(parameters.Sampler, capabilities.samplers, ""),
    scheduler: listed(parameters["Schedule type"], capabilities.schedules, "Automatic"),
    preset: listed(parameters.Preset, presets, ""),
    ...secondPassIn(parameters, [...capabilities.latent_upscalers, ...capabilities.upscalers]),
  };
}
