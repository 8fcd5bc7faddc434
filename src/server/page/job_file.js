// A comparison as the job file that `easel run` draws.
const keys = {
  prompt: "prompt", negative_prompt: "negative-prompt", width: "width", height: "height", steps: "steps",
  cfg_scale: "guidance-scale", sampler_name: "sampler", scheduler: "schedule", preset: "preset", seed: "seed", denoising_strength: "strength",
};
const schedules = { Karras: "karras", Exponential: "exponential", Beta: "beta", Normal: "discrete" };
const maskedContents = ["fill", "original", "latent noise", "latent nothing"];
const texts = new Set(["prompt", "negative_prompt", "sampler_name", "scheduler"]);

/// As TOML writes it; JSON's escapes are TOML's.
const quoted = (text) => JSON.stringify(text).replaceAll("\u007f", "\\u007F");

/// What begins with @ would be the name of a file, and - standard input.
const literal = (text) => (text.startsWith("@") ? `@${text}` : text === "-" ? "- " : text);

function valueOf(name, value) {
  if (name === "scheduler") return quoted(schedules[value] ?? value);
  if (name === "prompt" || name === "negative_prompt") return quoted(literal(value));
  return texts.has(name) || !/^-?\d+(\.\d+)?$/.test(value) ? quoted(value) : value;
}

/// The pictures that a job file names, as {key, name, blob}.
export function picturesOf(source) {
  if (!source) return [];
  const ending = { "image/jpeg": "jpg", "image/webp": "webp" }[source.blob.type] ?? "png";
  return [{ key: "init-image", name: `begin.${ending}`, blob: source.blob }, ...(source.mask ? [{ key: "mask", name: "mask.png", blob: source.mask }] : [])];
}

/// ControlNets with what `seen` makes of their pictures, and the names of these beside a job file.
export async function controlsOf(controls, source, seen) {
  const entries = [];
  for (const [i, control] of controls.entries())
    entries.push({ ...control, name: `control-${i + 1}.png`, blob: await seen({ ...control, blob: control.blob ?? source.blob }) });
  return entries;
}
const escaped = (path) => path.replace(/[\\:]/g, "\\$&");
const controlText = ({ model, name, scale, start, end }) => [escaped(model), name, scale, start, end].join(":");

/// `form` has the seed that all pictures share. A sampler without a schedule of its own gets what the server means by
/// "Automatic"; where the sampler is the model's own, so is the schedule, and the key is left out.
export function jobFile(form, { columns, rows }, capabilities, pictures, controls = []) {
  const axes = [rows, columns].filter(({ setting }) => setting);
  const isVaried = (name) => axes.some(({ setting }) => setting === name);
  const lines = [`# ${axes.map(({ setting, values }) => `${keys[setting]}: ${values.length}`).join(", ")}; model: ${capabilities.model}`];
  for (const { key, name } of pictures) lines.push(`${key} = "${name}"`);
  if (pictures.some(({ key }) => key === "mask"))
    lines.push(`mask-blur = ${Number(form.mask_blur) || 0}`, `masked-content = "${maskedContents[form.inpainting_fill]}"`);
  if (form.enable_hr && !pictures.length) {
    lines.push(`hires = ${quoted(form.hr_scale.trim() || "2")}`, `hires-upscaler = ${quoted(form.hr_upscaler)}`, `hires-strength = ${Number(form.hr_strength)}`);
    if (form.hr_second_pass_steps.trim()) lines.push(`hires-steps = ${Number(form.hr_second_pass_steps)}`);
  }
  if (controls.length) lines.push(`control = [[${controls.map((control) => quoted(controlText(control))).join(", ")}]]`);
  for (const name of Object.keys(keys)) {
    const isOfPicture = name === "denoising_strength";
    if (isVaried(name) || form[name] === "" || name === "scheduler" || (isOfPicture && !pictures.length)) continue;
    lines.push(`${keys[name]} = ${valueOf(name, form[name])}`);
  }
  const list = ({ setting, values }) => `${keys[setting]} = [${values.map((value) => valueOf(setting, value)).join(", ")}]`;
  const whole = (more) => [...lines, ...more, ...axes.map(list), ""].join("\n");
  const scheduleFor = (sampler, scheduler) => {
    const label = scheduler === "Automatic" ? capabilities.automatic_schedules[sampler] : scheduler;
    return label ? [`schedule = ${valueOf("scheduler", label)}`] : [];
  };
  const valuesOf = (name) => axes.find(({ setting }) => setting === name)?.values ?? [form[name]];
  const samplers = valuesOf("sampler_name"), schedulers = valuesOf("scheduler");
  if (isVaried("scheduler") && !schedulers.includes("Automatic")) return whole([]);
  const needed = new Set(samplers.map((sampler) => scheduleFor(sampler, form.scheduler)[0]));
  if (!isVaried("scheduler") && needed.size < 2) return whole(scheduleFor(samplers[0], form.scheduler));

  // A list holds no "Automatic", and not what differs by the sampler: the pictures of each by themselves.
  const others = axes.filter(({ setting }) => setting !== "sampler_name" && setting !== "scheduler");
  const blocks = samplers.flatMap((sampler) => schedulers.map((scheduler) => [
    "", "[[picture]]", ...(isVaried("sampler_name") ? [`sampler = ${quoted(sampler)}`] : []), ...scheduleFor(sampler, scheduler), ...others.map(list)]));
  return [lines[0], "", "[defaults]", ...lines.slice(1), ...blocks.flat(), ""].join("\n");
}
