// ControlNets of the server, each with the picture that it follows and what is made of that before.
import { useEffect, useState } from "preact/hooks";
import { annotate } from "./api.js";
import { Adder } from "./extras.js";
import { Field, percent } from "./fields.js";
import { sizeFor } from "./form.js";
import { keep, kept } from "./history.js";
import { html } from "./html.js";
import { choosePicture } from "./intake.js";
import { dataUrl } from "./pictures.js";
import { useAddress } from "./source.js";
import { text } from "./texts.js";

const weights = { min: 0, max: 2, step: 0.05 };
const parts = { min: 0, max: 1, step: 0.05 };
const pauseBeforePreview = 250;
const rounded = (value) => Math.round(100 * value) / 100;

/// [{id, model, annotator, blob, scale, start, end}], kept over a reload; `blob` is null before there is a picture.
export function useControls() {
  const [controls, setControls] = useState([]);
  useEffect(() => {
    kept("controls").then((before) => before && setControls((now) => (now.length ? now : before)));
  }, []);
  const set = (next) => {
    setControls(next);
    keep("controls", next.length ? next : null);
  };
  return [controls, set];
}

/// A window of which something is left.
function withPart(control, name, value) {
  const { start, end } = { ...control, [name]: value };
  if (start < end) return { start, end };
  return name === "start" ? { start: Math.min(value, 1 - parts.step), end: Math.min(1, rounded(value + parts.step)) }
    : { start: Math.max(0, rounded(value - parts.step)), end: Math.max(value, parts.step) };
}

/// What the server makes of the picture, and why it could not; null where it makes nothing.
function usePreview(blob, annotator, { width, height }) {
  const [preview, setPreview] = useState({ blob: null, error: "" });
  useEffect(() => {
    setPreview((before) => ({ ...before, error: "" }));
    if (!blob || annotator === "none") return setPreview({ blob: null, error: "" });
    const given = new AbortController();
    const later = setTimeout(async () => {
      try {
        const made = await annotate({ picture: await dataUrl(blob), annotator, width, height }, given.signal);
        setPreview({ blob: made, error: "" });
      } catch (failure) {
        if (failure.name !== "AbortError") setPreview({ blob: null, error: failure.message || text("noAnswer") });
      }
    }, pauseBeforePreview);
    return () => {
      clearTimeout(later);
      given.abort();
    };
  }, [blob, annotator, width, height]);
  return preview;
}

function Slider({ id, label, value, told, change, ...range }) {
  return html`
    <${Field} id=${id} label=${label} aside=${html`<output for=${id}>${told(value)}</output>`}>
      <input id=${id} type="range" ...${range} value=${value} aria-valuetext=${told(value)} onInput=${(event) => change(Number(event.target.value))} />
    <//>`;
}

/// It follows the picture to begin from where it has none of its own.
function Control({ control, source, size, annotators, change, take, remove }) {
  const { id, model, annotator, scale, start, end } = control;
  const blob = control.blob ?? source?.blob ?? null;
  const preview = usePreview(blob, annotator, size);
  const picture = useAddress(blob), made = useAddress(preview.blob);
  const choose = () => choosePicture(take);
  const onDrop = (event) => {
    const [file] = event.dataTransfer?.files ?? [];
    if (!file) return;
    event.preventDefault();
    take(file);
  };
  return html`
    <li class="control" onDrop=${onDrop}>
      <div class="label-line"><b>${model}</b>
        <button type="button" class="quiet icon" title=${text("remove")} aria-label=${`${text("remove")}: ${model}`} onClick=${remove}>×</button></div>
      <div class="source-head">
        <button type="button" class="thumbnail" title=${text("controlPicture")} aria-label=${`${text("controlPicture")}: ${model}`} onClick=${choose}>
          ${picture ? html`<img src=${made ?? picture} alt="" />` : text("chooseControlPicture")}
        </button>
        <div class="grow">
          <${Field} id=${`control-${id}-annotator`} label=${text("annotator")} error=${preview.error}>
            <select id=${`control-${id}-annotator`} value=${annotator} onChange=${(event) => change({ annotator: event.target.value })}>
              ${["none", ...annotators].map((name) => html`<option key=${name} value=${name} selected=${name === annotator}>${text(`annotator_${name}`)}</option>`)}
            </select>
          <//>
          <p class="hint" role="status">${preview.blob ? text("annotated") : ""}</p>
        </div>
      </div>
      <${Slider} id=${`control-${id}-scale`} label=${text("controlWeight")} value=${scale} told=${String} ...${weights} change=${(value) => change({ scale: value })} />
      <div class="pairs">
        ${["start", "end"].map((name) => html`
          <${Slider} key=${name} id=${`control-${id}-${name}`} label=${text(`control_${name}`)} value=${{ start, end }[name]} told=${percent} ...${parts}
            change=${(value) => change(withPart(control, name, value))} />`)}
      </div>
    </li>`;
}

/// Nothing where the server has none. `take` gets a picture that comes in, and gives it to the function beside it.
export function Controls({ controls, setControls, form, source, capabilities, take }) {
  const { controlnets = [], annotators = [] } = capabilities ?? {};
  if (!controlnets.length) return null;
  const size = sizeFor(form.values, source, capabilities);
  const change = (id) => (changes) => setControls(controls.map((one) => (one.id === id ? { ...one, ...changes } : one)));
  const add = ({ name }) => {
    const id = Math.max(0, ...controls.map((one) => one.id)) + 1;
    setControls([...controls, { id, model: name, annotator: "none", blob: null, scale: 1, start: 0, end: 1 }]);
  };
  return html`
    <div class="extras">
      ${controls.length > 0 && html`
        <ul aria-label=${text("controls")}>
          ${controls.map((control) => html`
            <${Control} key=${control.id} control=${control} source=${source} size=${size} annotators=${annotators.filter((name) => name !== "inpaint")}
              change=${change(control.id)} take=${(file) => take(file, (blob) => change(control.id)({ blob }))}
              remove=${() => setControls(controls.filter(({ id }) => id !== control.id))} />`)}
        </ul>`}
      <div class="row">
        <${Adder} id="add-control" title=${text("addControl")} groups=${[{ label: text("controls"), field: "controls", names: controlnets }]} add=${add} />
      </div>
    </div>`;
}
