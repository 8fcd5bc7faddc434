// The pictures drawn so far.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { countWithinBounds, forgetPicture, forgetPictures, keepPicture, keptPictures } from "./history.js";
import { html } from "./html.js";
import { partsOf } from "./infotext.js";
import { text } from "./texts.js";

const shown = (entry) => ({
  ...entry,
  address: URL.createObjectURL(entry.blob),
  description: partsOf(entry.parameters).prompt || text("noPrompt"),
});

/// {pictures, isRead, add, remove, clear}: the latest first, kept over a reload within bounds.
export function useHistory() {
  const [pictures, setPictures] = useState([]);
  const [isRead, setIsRead] = useState(false);
  const all = useRef([]);
  const set = useCallback((next) => {
    all.current = next;
    setPictures(next);
  }, []);
  useEffect(() => {
    keptPictures().then((kept) => {
      const known = new Set(all.current.map(({ id }) => id));
      set([...all.current, ...kept.filter(({ id }) => !known.has(id)).map(shown)]);
      setIsRead(true);
    });
  }, []);
  const remove = useCallback((picture) => {
    set(all.current.filter(({ id }) => id !== picture.id));
    URL.revokeObjectURL(picture.address);
    forgetPicture(picture.id);
  }, []);
  /// `entry`: {blob, parameters, seed, width, height, origin}. One of the same origin is taken once.
  const add = useCallback((entry) => {
    const known = all.current.find(({ origin }) => origin === entry.origin);
    if (known) return known;
    const id = Math.max(Date.now(), (all.current[0]?.id ?? 0) + 1);
    const picture = shown({ ...entry, id });
    keepPicture({ ...entry, id });
    set([picture, ...all.current]);
    for (const old of all.current.slice(countWithinBounds(all.current))) remove(old);
    return picture;
  }, []);
  const clear = useCallback(() => {
    for (const { address } of all.current) URL.revokeObjectURL(address);
    set([]);
    forgetPictures();
  }, []);
  return { pictures, isRead, add, remove, clear };
}

export function Gallery({ pictures, view, clear }) {
  if (!pictures.length) return null;
  return html`
    <section class="gallery" aria-label=${text("gallery")}>
      <div class="row spread">
        <h2>${text("gallery")}</h2>
        <button type="button" class="quiet" onClick=${() => confirm(text("confirmClear", { count: pictures.length })) && clear()}>${text("clear")}</button>
      </div>
      <ul>
        ${pictures.map((picture) => html`
          <li key=${picture.id}><button type="button" onClick=${() => view(picture)}>
            <img src=${picture.address} alt=${picture.description} loading="lazy" decoding="async" />
          </button></li>`)}
      </ul>
    </section>`;
}
