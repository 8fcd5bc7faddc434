// Painting what of a picture is to be drawn anew, with a mouse, a finger, a pen or the arrow keys.
import { useEffect, useRef, useState } from "preact/hooks";
import { findPerson } from "./api.js";
import { Dialog } from "./dialog.js";
import { html } from "./html.js";
import { dataUrl, greyOf, opacityOf, pngOf } from "./pictures.js";
import { useAddress } from "./source.js";
import { apply, isEmpty, replay } from "./strokes.js";
import { text } from "./texts.js";

const penEraser = 32;  // of PointerEvent.buttons

/// `keep` gets the mask as a PNG, white on black, or null where nothing is painted.
export function MaskEditor({ source, blur, changeBlur, canFindPerson, keep, close }) {
  const picture = useAddress(source.blob);
  const canvas = useRef(null);
  const stroke = useRef(null);
  const [done, setDone] = useState([]);
  const [percent, setPercent] = useState(20);
  const [erases, setErases] = useState(false);
  const [brush, setBrush] = useState({ x: 0.5, y: 0.5, isShown: false });
  const [scale, setScale] = useState(1);
  const [told, setTold] = useState("");
  const [isFinding, setIsFinding] = useState(false);
  const size = Math.max(1, (percent / 100) * Math.min(source.width, source.height));
  const context = () => canvas.current.getContext("2d", { willReadFrequently: true });

  const add = (one) => {
    apply(context(), one);
    setDone((all) => [...all, one]);
  };
  const addPicture = async (mask) => add({ kind: "picture", canvas: await opacityOf(mask) });
  useEffect(() => {
    if (source.mask) addPicture(source.mask);
    const watcher = new ResizeObserver(([{ contentRect }]) => setScale(contentRect.width / source.width));
    watcher.observe(canvas.current);
    return () => watcher.disconnect();
  }, []);

  const undo = () => {
    replay(context(), done.slice(0, -1));
    setDone(done.slice(0, -1));
  };
  const place = (event) => {
    const { left, top, width, height } = canvas.current.getBoundingClientRect();
    return [(event.clientX - left) / width, (event.clientY - top) / height];
  };
  const inPixels = ([x, y]) => [x * source.width, y * source.height];
  const onPointerDown = (event) => {
    if (event.button > 0 && !(event.buttons & penEraser)) return;
    event.preventDefault();
    canvas.current.focus();
    canvas.current.setPointerCapture(event.pointerId);
    stroke.current = { kind: "stroke", size, erases: erases || Boolean(event.buttons & penEraser), points: [inPixels(place(event))] };
    apply(context(), stroke.current);
  };
  const onPointerMove = (event) => {
    const [x, y] = place(event);
    setBrush({ x, y, isShown: event.pointerType !== "touch" });
    if (!stroke.current) return;
    const { points } = stroke.current;
    const before = points.at(-1);
    for (const one of event.getCoalescedEvents?.() ?? [event]) points.push(inPixels(place(one)));
    apply(context(), { ...stroke.current, points: [before, ...points.slice(points.indexOf(before) + 1)] });
  };
  const onPointerUp = () => {
    const finished = stroke.current;
    stroke.current = null;
    if (finished) setDone((all) => [...all, finished]);
  };
  const onKeyDown = (event) => {
    const by = size / 2;
    const moves = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, -by], ArrowDown: [0, by] };
    const inside = (value) => Math.min(1, Math.max(0, value));
    if (event.key in moves) {
      const [x, y] = moves[event.key];
      setBrush({ x: inside(brush.x + x / source.width), y: inside(brush.y + y / source.height), isShown: true });
    } else if (event.key === " ") {
      add({ kind: "stroke", size, erases, points: [inPixels([brush.x, brush.y])] });
    } else {
      return;
    }
    event.preventDefault();
  };
  const onUndoKey = (event) => {
    if (event.key !== "z" || !(event.ctrlKey || event.metaKey) || !done.length) return;
    event.preventDefault();
    undo();
  };

  const takePerson = async () => {
    setIsFinding(true);
    setTold(text("findingPerson"));
    try {
      await addPicture(await findPerson(await dataUrl(source.blob)));
      setTold("");
    } catch (failure) {
      setTold(failure.message || text("noAnswer"));
    }
    setIsFinding(false);
  };
  const finish = async () => keep(isEmpty(canvas.current) ? null : await pngOf(greyOf(canvas.current)));

  const tool = (label, isOn, choose) => html`<button type="button" aria-pressed=${String(isOn)} onClick=${choose}>${label}</button>`;
  const shape = source.width / source.height;
  return html`
    <${Dialog} title=${text("paintMask")} close=${close} class="mask-editor">
      <p class="hint">${text("maskHint")}</p>
      <div class="canvas-place" onKeyDown=${onUndoKey}>
        <div class="layers" style=${{ aspectRatio: String(shape), width: `min(100%, calc((100dvh - 24rem) * ${shape}))` }}>
          <img src=${picture} alt=${text("source")} draggable=${false} />
          <canvas ref=${canvas} width=${source.width} height=${source.height} tabindex="0" role="application" aria-label=${text("maskCanvas")}
            style=${{ filter: blur > 0 ? `blur(${blur * scale}px)` : "none" }}
            onPointerDown=${onPointerDown} onPointerMove=${onPointerMove} onPointerUp=${onPointerUp} onPointerCancel=${onPointerUp}
            onPointerLeave=${() => setBrush((now) => ({ ...now, isShown: false }))} onKeyDown=${onKeyDown}
            onFocus=${() => setBrush((now) => ({ ...now, isShown: true }))} onBlur=${() => setBrush((now) => ({ ...now, isShown: false }))}></canvas>
          ${brush.isShown && html`<span class="brush" style=${{ left: `${100 * brush.x}%`, top: `${100 * brush.y}%`, width: `${size * scale}px`, height: `${size * scale}px` }} />`}
        </div>
      </div>
      <div class="tools" onKeyDown=${onUndoKey}>
        <div class="row">
          ${tool(text("paint"), !erases, () => setErases(false))}
          ${tool(text("erase"), erases, () => setErases(true))}
        </div>
        <label class="slider">${text("brushSize")} <input type="range" min="2" max="80" value=${percent} onInput=${(event) => setPercent(Number(event.target.value))} /></label>
        <label class="slider">${text("maskBlur")} <input type="range" min="0" max="32" step="1" value=${blur} onInput=${(event) => changeBlur(event.target.value)} /></label>
        <div class="row">
          <button type="button" disabled=${!done.length} onClick=${undo}>${text("undo")}</button>
          <button type="button" onClick=${() => add({ kind: "invert" })}>${text("invert")}</button>
          <button type="button" onClick=${() => add({ kind: "clear" })}>${text("clearMask")}</button>
          ${canFindPerson && html`<button type="button" disabled=${isFinding} onClick=${takePerson}>${text("person")}</button>`}
        </div>
      </div>
      <p class="told" role="status">${told}</p>
      <div class="actions">
        <button type="button" class="primary" onClick=${finish}>${text("useMask")}</button>
        <button type="button" onClick=${close}>${text("cancel")}</button>
      </div>
    <//>`;
}
