// LoRAs and embeddings of the server, as the prompts name them: added from lists, LoRAs with a slider for their weight.
import { html } from "./html.js";
import { text } from "./texts.js";

const tag = /<lora:([^<>:]+)(?::(-?\d*\.?\d+))?>/g;
const weights = { min: -1, max: 2, step: 0.05 };

/// [{name, weight}] of the tags with one weight in a prompt, in their order.
export const lorasIn = (prompt) => [...prompt.matchAll(tag)].map(([, name, weight]) => ({ name, weight: Number(weight ?? 1) }));

/// The prompt with another weight of its nth LoRA, or without it where that is null.
export function withLora(prompt, nth, weight) {
  let count = 0;
  return prompt
    .replace(tag, (whole, name) => (count++ !== nth ? whole : weight === null ? "" : `<lora:${name}:${weight}>`))
    .trimEnd();
}

/// The prompt's words, and its tags behind them.
export const splitTags = (prompt) => [prompt.replace(tag, "").trimEnd(), [...prompt.matchAll(tag)].map(([whole]) => ` ${whole}`).join("")];

const withAnother = (prompt, word, between) => (prompt.trim() ? prompt.trimEnd() + between + word : word);

/// What is chosen is done at once; the list then shows its title again.
export function Adder({ id, title, groups, add }) {
  return html`
    <select id=${id} aria-label=${title} value="" onChange=${(event) => { add(JSON.parse(event.target.value)); event.target.value = ""; }}>
      <option value="" selected>${title}</option>
      ${groups.map(({ label, field, names }) => html`
        <optgroup key=${field} label=${label}>
          ${names.map((name) => html`<option key=${name} value=${JSON.stringify({ field, name })}>${name}</option>`)}
        </optgroup>`)}
    </select>`;
}

function LoraWeight({ name, weight, nth, change }) {
  const id = `lora-${nth}`;
  return html`
    <li class="lora">
      <div class="label-line"><label for=${id}>${name}</label><output for=${id}>${weight}</output></div>
      <div class="row">
        <input id=${id} type="range" ...${weights} value=${weight} onInput=${(event) => change(Number(event.target.value))} />
        <button type="button" class="quiet icon" title=${text("remove")} aria-label=${`${text("remove")}: ${name}`} onClick=${() => change(null)}>×</button>
      </div>
    </li>`;
}

/// Nothing where the server has none.
export function Extras({ form, capabilities }) {
  const { loras = [], embeddings = [] } = capabilities ?? {};
  if (!loras.length && !embeddings.length) return null;
  const { prompt } = form.values;
  const used = lorasIn(prompt);
  const free = loras.filter((name) => !used.some((lora) => lora.name === name));
  const add = (between) => ({ field, name }) => form.change({ [field]: withAnother(form.values[field], name, between) });
  return html`
    <div class="extras">
      ${used.length > 0 && html`
        <ul aria-label=${text("loras")}>
          ${used.map((lora, nth) => html`<${LoraWeight} key=${nth} ...${lora} nth=${nth} change=${(weight) => form.change({ prompt: withLora(prompt, nth, weight) })} />`)}
        </ul>`}
      <div class="row">
        ${loras.length > 0 && html`<${Adder} id="add-lora" title=${text("addLora")} groups=${[{ label: text("prompt"), field: "prompt", names: free }]}
          add=${({ name }) => add(" ")({ field: "prompt", name: `<lora:${name}:1>` })} />`}
        ${embeddings.length > 0 && html`<${Adder} id="add-embedding" title=${text("addEmbedding")} add=${add(", ")}
          groups=${["prompt", "negative_prompt"].map((field) => ({ field, label: text(field === "prompt" ? "prompt" : "negativePrompt"), names: embeddings }))} />`}
      </div>
    </div>`;
}
