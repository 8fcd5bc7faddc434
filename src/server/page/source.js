// The picture to begin from, and what of it to draw anew.
import { useEffect, useMemo, useState } from "preact/hooks";
import { Check, NumberField, percent, Range, SelectField } from "./fields.js";
import { keep, kept } from "./history.js";
import { html } from "./html.js";
import { text } from "./texts.js";

/// The address of bytes, as long as they are shown.
export function useAddress(blob) {
  const address = useMemo(() => blob && URL.createObjectURL(blob), [blob]);
  useEffect(() => () => address && URL.revokeObjectURL(address), [address]);
  return address;
}

/// {blob, width, height, mask} or null, kept over a reload.
export function useSource() {
  const [source, setSource] = useState(null);
  useEffect(() => {
    kept("source").then((before) => before && setSource((now) => now ?? before));
  }, []);
  const change = (next) => {
    setSource(next);
    keep("source", next);
  };
  return [source, change];
}

export function Source({ source, form, setSource, editMask, choose }) {
  const picture = useAddress(source?.blob);
  const mask = useAddress(source?.mask);
    if (!source)
    return html`
      <div class="card source-empty">
        <button type="button" class="quiet" onClick=${choose}>${text("choosePicture")}</button>
        <span class="hint">${text("dropHint")}</span>
      </div>`;
  return html`
    <section class="card source" aria-label=${text("source")}>
      <div class="source-head">
        <button type="button" class="thumbnail" onClick=${editMask} title=${text("paintMask")}>
          <img src=${picture} alt=${text("source")} />
          ${mask && html`<img class="mask" src=${mask} alt=${text("mask")} />`}
        </button>
        <div>
          <h2>${text("source")}</h2>
          <p class="hint">${source.width} × ${source.height}</p>
          <div class="row">
            <button type="button" onClick=${editMask}>${text(source.mask ? "editMask" : "paintMask")}</button>
            <button type="button" class="quiet" onClick=${() => setSource(null)}>${text("remove")}</button>
          </div>
        </div>
      </div>
      <${Range} name="denoising_strength" label=${text("strength")} form=${form} min="0.05" max="1" step="0.05" told=${percent} />
      ${source.mask && html`
        <div class="pairs">
          <${NumberField} name="mask_blur" label=${text("maskBlur")} form=${form} min="0" max="1000" step="any" />
          <${SelectField} name="inpainting_fill" label=${text("maskBegins")} form=${form}
            options=${[["1", text("fromPicture")], ["0", text("fromSurroundings")]]} />
        </div>
        <${Check} name="inpaint_full_res" label=${text("onlyMasked")} form=${form} />
        <button type="button" class="quiet" onClick=${() => setSource({ ...source, mask: null })}>${text("removeMask")}</button>`}
    </section>`;
}
