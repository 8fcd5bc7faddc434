// A comparison as the job file that `easel run` draws.
const keys = {
  prompt: "prompt", negative_prompt: "negative-prompt", width: "width", height: "height", steps: "steps",
  cfg_scale: "guidance-scale", sampler_name: "sampler", scheduler: "schedule", seed: "seed", denoising_strength: "strength",
};
const schedules = { Karras: "karras", Normal: "discrete" };
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

/// `form` has the seed that all pictures share. A sampler without a schedule of its own gets what the server means by
/// "Automatic".
export function jobFile(form, { columns, rows }, capabilities, source) {
  const axes = [rows, columns].filter(({ setting }) => setting);
  const isVaried = (name) => axes.some(({ setting }) => setting === name);
  const lines = [`# ${axes.map(({ setting, values }) => `${keys[setting]}: ${values.length}`).join(", ")}; model: ${capabilities.model}`];
  if (source) lines.push('# The picture to begin from; save it beside this file.', 'init-image = "begin.png"');
  if (source?.mask) lines.push('mask = "mask.png"', `mask-blur = ${Number(form.mask_blur) || 0}`);
  for (const name of Object.keys(keys)) {
    const isOfPicture = name === "denoising_strength";
    if (isVaried(name) || form[name] === "" || name === "scheduler" || (isOfPicture && !source)) continue;
    lines.push(`${keys[name]} = ${valueOf(name, form[name])}`);
  }
  const list = ({ setting, values }) => `${keys[setting]} = [${values.map((value) => valueOf(setting, value)).join(", ")}]`;
  const scheduleFor = (sampler) => {
    const label = form.scheduler === "Automatic" ? capabilities.automatic_schedules[sampler] : form.scheduler;
    return label ? [`schedule = ${valueOf("scheduler", label)}`] : [];
  };
  if (isVaried("scheduler") || !isVaried("sampler_name"))
    return [...lines, ...(isVaried("scheduler") ? [] : scheduleFor(form.sampler_name)), ...axes.map(list), ""].join("\n");

  // Samplers that want different schedules: the pictures of each by themselves.
  const samplers = axes.find(({ setting }) => setting === "sampler_name").values;
  const labels = new Set(samplers.map((sampler) => scheduleFor(sampler)[0]));
  if (labels.size < 2) return [...lines, ...scheduleFor(samplers[0]), ...axes.map(list), ""].join("\n");
  const others = axes.filter(({ setting }) => setting !== "sampler_name");
  const defaults = lines[0].startsWith("#") ? [lines[0], "", "[defaults]", ...lines.slice(1)] : lines;
  return [...defaults, ...samplers.flatMap((sampler) =>
    ["", "[[picture]]", `sampler = ${quoted(sampler)}`, ...scheduleFor(sampler), ...others.map(list)]), ""].join("\n");
}
