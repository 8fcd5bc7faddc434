// A dialog over the page: it is open as long as it is there.
import { useEffect, useRef } from "preact/hooks";
import { html } from "./html.js";
import { text } from "./texts.js";

export function Dialog({ title, close, class: name = "", children }) {
  const dialog = useRef(null);
  useEffect(() => {
    dialog.current.showModal();
  }, []);
  const onClick = (event) => event.target === dialog.current && close();
  return html`
    <dialog ref=${dialog} class=${name} aria-labelledby="dialog-title" onClose=${close} onClick=${onClick}>
      <div class="dialog-body">
        <div class="dialog-head">
          <h2 id="dialog-title">${title}</h2>
          <button type="button" class="quiet close" aria-label=${text("close")} title=${text("close")} onClick=${() => dialog.current.close()}>✕</button>
        </div>
        ${children}
      </div>
    </dialog>`;
}
