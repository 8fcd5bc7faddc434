// The picture that is drawn, how far it is, and what can be done about it.
import { html } from "./html.js";
import { text } from "./texts.js";

const stages = { load: "stageLoad", compile: "stageCompile", text: "stageText", encode: "stageEncode", decode: "stageDecode", enlarge: "stageEnlarge" };

function timeLeft(seconds) {
  if (!(seconds > 0)) return "";
  return seconds < 90 ? text("secondsLeft", { count: Math.ceil(seconds) }) : text("minutesLeft", { count: Math.round(seconds / 60) });
}

/// What a status of a job says in words. `nth` and `count`: of the pictures of a comparison.
export function statusText(status, nth = 0, count = 0) {
  switch (status?.state) {
    case undefined: return text("sent");
    case "full": return text("queueFull", { count: status.seconds });
    case "lost": return text("lost");
    case "queued": return status.position > 1 ? text("waiting", { count: status.position - 1 }) : text("waitingNext");
    default:
  }
  const pictures = count || status.count;
  const picture = pictures > 1 && text("pictureOf", { nth: (count ? nth : status.picture) + 1, count: pictures });
  const isStepping = status.stage === "denoise" && status.steps > 0;
  const what = isStepping ? text("stepOf", { nth: status.step, count: status.steps }) : text(stages[status.stage] ?? "stageLoad");
  return [picture, what, timeLeft(status.eta)].filter(Boolean).join(" · ");
}

/// An unfinished picture has few pixels, whose edges say nothing.
export const soften = (event) => {
  const { naturalHeight, clientHeight, style } = event.target;
  style.filter = `blur(${clientHeight / naturalHeight / 3}px)`;
};

function Well({ picture, preview, isRunning, view }) {
  if (preview) return html`<img class="preview" src=${preview} alt=${text("unfinished")} onLoad=${soften} />`;
  if (picture)
    return html`
      <button type="button" class=${isRunning ? "shown before" : "shown"} aria-label=${text("viewPicture", { what: picture.description })} onClick=${() => view(picture)}>
        <img src=${picture.address} alt="" style=${picture.width < 160 ? { imageRendering: "auto" } : {}} />
      </button>`;
  return html`
    <p class="empty"><img src="/page/icon.svg" alt="" width="64" height="64" />${text("empty")}</p>`;
}

/// `run`: null, or {status, progress, nth, count} of what is being drawn.
export function Stage({ run, picture, preview, message, error, notes, view, cancel, finish, children }) {
  const value = run?.progress > 0 ? { value: run.progress } : {};
  return html`
    <section class="card stage" aria-label=${text("stage")}>
      ${children ?? html`<div class="well"><${Well} picture=${picture} preview=${preview} isRunning=${!!run} view=${view} /></div>`}
      <progress max="1" ...${run ? value : { value: 0 }} class=${run ? "" : "idle"} aria-label=${text("progress")}></progress>
      <div class="status-line">
        <p class="status">${run ? statusText(run.status, run.nth, run.count) : message}</p>
        <div class="row">
          ${run && html`
            <button type="button" onClick=${finish} disabled=${run.status?.state !== "running"}>${text("finish")}</button>
            <button type="button" onClick=${cancel}>${text("cancel")}</button>`}
        </div>
      </div>
      ${error && html`<p class="error" role="alert">${error}</p>`}
      ${notes.length > 0 && html`<ul class="notes">${notes.map((note) => html`<li key=${note}>${note}</li>`)}</ul>`}
    </section>`;
}
