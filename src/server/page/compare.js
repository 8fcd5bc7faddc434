// Choosing what to compare, and the pictures side by side.
import { Field } from "./fields.js";
import { comparable, comparisonOf, exampleValues, isText, mostCompared } from "./comparison.js";
import { html } from "./html.js";
import { soften } from "./stage.js";
import { text } from "./texts.js";

const names = {
  prompt: "prompt", negative_prompt: "negativePrompt", seed: "seed", steps: "steps", cfg_scale: "guidance", sampler_name: "sampler",
  scheduler: "schedule", preset: "speed", denoising_strength: "strength",
};
export const settingName = (setting) => text(names[setting]);

function Axis({ axis, label, form, capabilities, source }) {
  const { setting, values } = form.values[axis];
  const id = `${axis}-values`;
  const error = form.errors[axis];
  const choices = ["", ...comparable].filter((name) => name !== "denoising_strength" || source || name === setting);
  const choose = (name) => form.change({ [axis]: { setting: name, values: exampleValues(name, form.values, capabilities) } });
  return html`
    <div class="axis">
      <${Field} id=${axis} label=${label}>
        <select id=${axis} value=${setting} onChange=${(event) => choose(event.target.value)}>
          ${choices.map((name) => html`<option key=${name} value=${name} selected=${name === setting}>${name ? settingName(name) : text("nothing")}</option>`)}
        </select>
      <//>
      ${setting && html`
        <${Field} id=${id} label=${text("values")} error=${error} hint=${text(isText(setting) ? "valuesByLine" : "valuesByComma")}>
          <textarea id=${id} rows=${isText(setting) || values.length > 60 ? 4 : 1} value=${values}
            aria-invalid=${error ? "true" : undefined} aria-describedby=${`${id}-hint${error ? ` ${id}-error` : ""}`}
            onInput=${(event) => form.change({ [axis]: { setting, values: event.target.value } })}></textarea>
        <//>`}
    </div>`;
}

export function CompareForm({ form, capabilities, source, giveJobFile }) {
  const { cells } = comparisonOf(form.values);
  return html`
    <section class="card compare" aria-label=${text("compare")}>
      <${Axis} axis="columns" label=${text("columns")} form=${form} capabilities=${capabilities} source=${source} />
      <${Axis} axis="rows" label=${text("rows")} form=${form} capabilities=${capabilities} source=${source} />
      <div class="row spread">
        <span class=${cells.length > mostCompared ? "warning" : "hint"}>${text("picturesToDraw", { count: cells.length })}</span>
        <button type="button" class="quiet" onClick=${giveJobFile}>${text("jobFile")}</button>
      </div>
    </section>`;
}

/// `comparison`: {columns, rows, cells, pictures}; a picture is missing until it is drawn. `preview` is of the one that
/// is being drawn.
export function CompareTable({ comparison, shape, current, preview, view }) {
  const { columns, rows, pictures } = comparison;
  const label = ({ setting }, value) => (setting ? `${value}` : "");
  const cell = (x, y) => {
    const index = y * columns.values.length + x;
    const picture = pictures[index];
    const what = [columns.setting && `${settingName(columns.setting)}: ${columns.values[x]}`,
                  rows.setting && `${settingName(rows.setting)}: ${rows.values[y]}`].filter(Boolean).join(", ");
    return html`
      <td key=${x}><div class="cell" style=${{ aspectRatio: shape }}>
        ${picture
          ? html`<button type="button" onClick=${() => view(picture)}><img src=${picture.address} alt=${what} /></button>`
          : index === current && (preview ? html`<img class="preview" src=${preview} alt="" onLoad=${soften} />` : html`<span class="waiting" />`)}
      </div></td>`;
  };
  const title = [columns, rows].filter(({ setting }) => setting).map(({ setting }) => settingName(setting)).join(" × ");
  return html`
    <div class="table" tabindex="0" role="region" aria-label=${title || text("pictures")}>
      <table>
        <caption>${title}</caption>
        <thead><tr>${rows.setting && html`<td />`}${columns.values.map((value, x) => html`<th key=${x} scope="col">${label(columns, value)}</th>`)}</tr></thead>
        <tbody>${rows.values.map((value, y) => html`
          <tr key=${y}>${rows.setting && html`<th scope="row">${label(rows, value)}</th>`}${columns.values.map((_, x) => cell(x, y))}</tr>`)}
        </tbody>
      </table>
    </div>`;
}
