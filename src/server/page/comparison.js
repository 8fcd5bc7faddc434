// Which pictures a comparison draws: every value of one setting beside every value of another.
export const mostCompared = 100;

/// What can be compared. Prompts are a line each, all else stands between commas.
export const comparable = ["prompt", "negative_prompt", "seed", "steps", "cfg_scale", "sampler_name", "scheduler", "preset", "denoising_strength"];
export const isText = (setting) => setting === "prompt" || setting === "negative_prompt";
const isWhole = (setting) => setting === "seed" || setting === "steps";

/// The values in a text: "1, 2, 5-7" has 1, 2, 5, 6, 7 where numbers are whole.
export function valuesIn(setting, text) {
  const parts = text.split(isText(setting) ? "\n" : /[,\n]/).map((part) => part.trim()).filter(Boolean);
  if (!isWhole(setting)) return [...new Set(parts)];
  const values = parts.flatMap((part) => {
    const range = /^(\d+)\s*[-–…]\s*(\d+)$/.exec(part);
    if (!range) return [part];
    const count = Number(range[2]) - Number(range[1]) + 1;
    if (count < 1 || count > mostCompared) return [part];
    return Array.from({ length: count }, (_, i) => String(Number(range[1]) + i));
  });
  return [...new Set(values)];
}

/// What to begin with, where a setting is chosen.
export function exampleValues(setting, form, capabilities) {
  const { defaults } = capabilities;
  const steps = Number(form.steps) || defaults.steps || 20;
  const guidance = Number(form.cfg_scale) || defaults.cfg_scale || 7;
  const seed = Number.parseInt(form.seed, 10) || 1;
  const short = (value) => String(Math.round(value * 100) / 100);
  switch (setting) {
    case "prompt": return `${form.prompt}\n`;
    case "negative_prompt": return `${form.negative_prompt}\n`;
    case "seed": return `${seed}-${seed + 3}`;
    case "steps": return [...new Set([Math.max(1, Math.round(steps / 2)), steps, steps * 2])].join(", ");
    case "cfg_scale": return [guidance / 2, guidance, guidance * 2].map(short).join(", ");
    case "sampler_name": return capabilities.samplers.join(", ");
    case "scheduler": return capabilities.schedules.filter((name) => name !== "Automatic").join(", ");
    case "preset": return "exact, balanced, fast";
    case "denoising_strength": return "0.4, 0.6, 0.8";
    default: return "";
  }
}

const axisOf = ({ setting, values }) => ({ setting, values: setting ? valuesIn(setting, values) : [""] });

/// {columns, rows, cells}: an axis has its setting and its values, a cell its column, row and the form that it changes.
export function comparisonOf(form) {
  const columns = axisOf(form.columns), rows = axisOf(form.rows);
  const cells = rows.values.flatMap((row, y) => columns.values.map((column, x) => ({
    x, y, changes: { ...(columns.setting && { [columns.setting]: column }), ...(rows.setting && { [rows.setting]: row }) },
  })));
  return { columns, rows, cells };
}

/// The name of the axis that cannot be, and why; null where both can.
export function faultOf({ columns, rows, cells }) {
  if (columns.setting && columns.setting === rows.setting) return { axis: "rows", why: "comparesTwice" };
  if (!columns.values.length) return { axis: "columns", why: "comparesNothing" };
  if (!rows.values.length) return { axis: "rows", why: "comparesNothing" };
  return cells.length > mostCompared ? { axis: "columns", why: "comparesTooMany" } : null;
}

export const randomSeed = () => String(crypto.getRandomValues(new Uint32Array(1))[0]);
