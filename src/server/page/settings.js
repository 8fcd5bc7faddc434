// The settings besides the prompt.
import { ownSettings, presets } from "./form.js";
import { NumberField, SelectField, TextArea, Field } from "./fields.js";
import { SecondPass } from "./hires.js";
import { html } from "./html.js";
import { text } from "./texts.js";

const roundTo8 = (length) => Math.round(length / 8) * 8;

/// [width, height, text] of the sizes to choose from; empty ones are the model's own.
function sizesFor({ defaults, fixed_size }, source) {
  const { width, height } = defaults;
  const told = (name, w, h) => `${text(name)} (${w} × ${h})`;
  if (!width) return [["", "", text("ownSize")]];
  const sizes = [["", "", source ? text("fittingSize") : told("ownSize", width, height)]];
  if (fixed_size) return sizes;
  const long = roundTo8(width * 1.5);
  const add = (name, w, h) => sizes.push([String(w), String(h), told(name, w, h)]);
  if (source) add("pictureSize", roundTo8(source.width), roundTo8(source.height));
  add("portrait", width, long);
  add("landscape", long, width);
  add("square", long, long);
  return sizes;
}

function Size({ form, capabilities, source }) {
  const { width, height } = form.values;
  const sizes = sizesFor(capabilities, source);
  const chosen = sizes.findIndex(([w, h]) => w === width && h === height);
  const { defaults, fixed_size, limits } = capabilities;
  const side = (name) => html`
    <input id=${name} name=${name} type="number" inputmode="numeric" min="8" max=${limits.largest_side} step="8"
      aria-label=${text(name)} placeholder=${source ? "" : defaults[name]} value=${form.values[name]} disabled=${fixed_size}
      aria-invalid=${form.errors[name] ? "true" : undefined} aria-describedby=${form.errors[name] ? `${name}-error` : undefined}
      onInput=${(event) => form.change({ [name]: event.target.value })} />`;
  return html`
    <div class="field wide">
      <label for="size">${text("size")}</label>
      <select id="size" value=${chosen} disabled=${fixed_size}
        onChange=${(event) => { const [w, h] = sizes[event.target.value] ?? [width, height]; form.change({ width: w, height: h }); }}>
        ${sizes.map(([, , told], i) => html`<option key=${i} value=${i} selected=${i === chosen}>${told}</option>`)}
        ${chosen < 0 && html`<option value="-1" selected>${text("freeSize")}</option>`}
      </select>
      <div class="row sides">${side("width")}<span aria-hidden="true">×</span>${side("height")}
        <button type="button" class="quiet" title=${text("swapSides")} aria-label=${text("swapSides")} disabled=${fixed_size || width === height}
          onClick=${() => form.change({ width: height, height: width })}>⇄</button></div>
      ${["width", "height"].map((name) => form.errors[name] &&
        html`<p key=${name} class="field-error" id=${`${name}-error`}>${form.errors[name]}</p>`)}
    </div>`;
}

function Seed({ form, lastSeed, copy }) {
  return html`
    <${Field} id="seed" label=${text("seed")} error=${form.errors.seed} class="wide">
      <div class="row">
        <input id="seed" name="seed" type="text" inputmode="numeric" autocomplete="off" placeholder=${text("random")}
          value=${form.values.seed} onInput=${(event) => form.change({ seed: event.target.value })}
          aria-invalid=${form.errors.seed ? "true" : undefined} aria-describedby=${form.errors.seed ? "seed-error" : undefined} />
        <button type="button" onClick=${() => form.change({ seed: "" })}>${text("random")}</button>
        <button type="button" disabled=${lastSeed === null} onClick=${() => form.change({ seed: String(lastSeed) })}>${text("last")}</button>
        <button type="button" disabled=${form.values.seed === "" && lastSeed === null}
          onClick=${() => copy(form.values.seed || String(lastSeed))}>${text("copy")}</button>
      </div>
    <//>`;
}

/// `isOpen` and `toggle`: whether it is unfolded.
export function Settings({ form, capabilities, source, lastSeed, copy, isOpen, toggle }) {
  const { defaults, limits, samplers, schedules } = capabilities;
  const automatic = (name) => [name, name === "Automatic" ? text("automatic") : name];
  const sizeIsFixed = source?.mask && !form.values.inpaint_full_res;
  return html`
    <details class="card settings" open=${isOpen} onToggle=${(event) => toggle(event.target.open)}>
      <summary><h2>${text("settings")}</h2></summary>
      <${TextArea} name="negative_prompt" label=${text("negativePrompt")} form=${form} rows="2" />
      <div class="pairs">
        ${sizeIsFixed ? html`<p class="hint wide">${text("sizeOfMask")}</p>` : html`<${Size} form=${form} capabilities=${capabilities} source=${source} />`}
        <${NumberField} name="steps" label=${text("steps")} form=${form} min="1" max=${limits.steps} placeholder=${defaults.steps || ""} />
        <${NumberField} name="cfg_scale" label=${text("guidance")} form=${form} min="0" max="100" step="any" placeholder=${defaults.cfg_scale || ""} />
        <${SelectField} name="sampler_name" label=${text("sampler")} form=${form}
          options=${[["", text("ownSampler")], ...samplers.map((name) => [name, name])]} />
        <${SelectField} name="scheduler" label=${text("schedule")} form=${form} options=${schedules.map(automatic)} />
        <${SelectField} name="preset" label=${text("speed")} form=${form}
          options=${[["", text("exact")], ...presets.map((name) => [name, text(name)])]} />
        <${Seed} form=${form} lastSeed=${lastSeed} copy=${copy} />
      </div>
      ${!source && html`<${SecondPass} form=${form} capabilities=${capabilities} />`}
      <button type="button" class="quiet" onClick=${() => form.change(ownSettings)}>${text("ownSettings")}</button>
    </details>`;
}
