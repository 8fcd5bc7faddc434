// Pictures that are dropped on the page, pasted into it, or chosen.
import { useEffect, useRef, useState } from "preact/hooks";
import { Dialog } from "./dialog.js";
import { html } from "./html.js";
import { useAddress } from "./source.js";
import { text } from "./texts.js";

const hasFiles = (event) => event.dataTransfer?.types.includes("Files");

/// Whether a file is held over the page; `take` gets each one that comes in and that no part of the page takes itself.
export function useIntake(take) {
  const [isOver, setIsOver] = useState(false);
  const taker = useRef(take);
  taker.current = take;
  useEffect(() => {
    const onOver = (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setIsOver(true);
    };
    const onLeave = (event) => event.relatedTarget || setIsOver(false);
    const onDrop = (event) => {
      setIsOver(false);
      if (!hasFiles(event) || event.defaultPrevented) return;
      event.preventDefault();
      if (event.dataTransfer.files[0]) taker.current(event.dataTransfer.files[0]);
    };
    const onPaste = (event) => {
      const file = [...event.clipboardData.files].find(({ type }) => type.startsWith("image/"));
      if (!file) return;
      event.preventDefault();
      taker.current(file);
    };
    const listeners = { dragover: onOver, dragleave: onLeave, drop: onDrop, paste: onPaste };
    for (const [kind, listener] of Object.entries(listeners)) document.addEventListener(kind, listener);
    return () => {
      for (const [kind, listener] of Object.entries(listeners)) document.removeEventListener(kind, listener);
    };
  }, []);
  return isOver;
}

/// Asks for a file.
export function choosePicture(take) {
  const input = document.createElement("input");
  input.type = "file";
  input.accept = "image/png,image/jpeg,image/webp";
  input.addEventListener("change", () => input.files[0] && take(input.files[0]));
  input.click();
}

/// A picture that has settings in it: what is it for?
export function WhatFor({ blob, parameters, useSettings, begin, close }) {
  const address = useAddress(blob);
  return html`
    <${Dialog} title=${text("whatFor")} close=${close} class="what-for">
      <div class="source-head">
        <img class="thumbnail" src=${address} alt="" />
        <p>${parameters.Prompt || text("noPrompt")}</p>
      </div>
      <div class="actions">
        <button type="button" class="primary" onClick=${useSettings}>${text("useSettings")}</button>
        <button type="button" onClick=${begin}>${text("beginFrom")}</button>
      </div>
    <//>`;
}
