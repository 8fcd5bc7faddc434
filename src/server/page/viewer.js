// A picture by itself, with its settings and what can be done with it.
import { useState } from "preact/hooks";
import { Dialog } from "./dialog.js";
import { Enlarge } from "./hires.js";
import { html } from "./html.js";
import { partsOf } from "./infotext.js";
import { text } from "./texts.js";

export function Viewer({ picture, pictures, upscalers, view, close, useSettings, beginFrom, enlarge, remove }) {
  const [isWhole, setIsWhole] = useState(true);
  const { prompt, negative, entries } = partsOf(picture.parameters);
  const place = pictures.findIndex(({ id }) => id === picture.id);
  const at = (offset) => (place < 0 ? undefined : pictures[place + offset]);
  const onKeyDown = (event) => {
    const next = { ArrowLeft: at(-1), ArrowRight: at(1) }[event.key];
    if (next) view(next);
  };
  const file = `easel-${picture.seed}.png`;
  return html`
    <${Dialog} title=${picture.description} close=${close} class="viewer">
      <div class="viewer-parts" onKeyDown=${onKeyDown}>
        <div class=${isWhole ? "frame" : "frame actual"} tabindex=${isWhole ? undefined : 0}>
          <img src=${picture.address} alt=${picture.description} />
        </div>
        <div class="details">
          <div class="row">
            <button type="button" disabled=${!at(-1)} aria-label=${text("newer")} title=${text("newer")} onClick=${() => view(at(-1))}>←</button>
            <button type="button" disabled=${!at(1)} aria-label=${text("older")} title=${text("older")} onClick=${() => view(at(1))}>→</button>
            <button type="button" aria-pressed=${String(!isWhole)} onClick=${() => setIsWhole(!isWhole)}>${text("actualSize")}</button>
          </div>
          <dl>
            ${prompt && html`<div><dt>${text("prompt")}</dt><dd>${prompt}</dd></div>`}
            ${negative && html`<div><dt>${text("negativePrompt")}</dt><dd>${negative}</dd></div>`}
            ${entries.map(([key, value]) => html`<div key=${key}><dt>${key}</dt><dd>${value}</dd></div>`)}
          </dl>
          <div class="actions">
            <button type="button" class="primary" onClick=${() => useSettings(picture)}>${text("useSettings")}</button>
            <button type="button" onClick=${() => beginFrom(picture)}>${text("beginFrom")}</button>
            ${upscalers.length > 0 && html`<${Enlarge} upscalers=${upscalers} enlarge=${(upscaler) => enlarge(picture, upscaler)} />`}
            <a class="button" href=${picture.address} download=${file}>${text("download")}</a>
            ${place >= 0 && html`<button type="button" class="quiet" onClick=${() => { remove(picture); close(); }}>${text("remove")}</button>`}
          </div>
        </div>
      </div>
    <//>`;
}
