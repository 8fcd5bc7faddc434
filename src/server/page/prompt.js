// The prompt: what to draw, how many tokens that is, and words that the model knows.
import { useEffect, useRef, useState } from "preact/hooks";
import { countTokens } from "./api.js";
import { Extras, splitTags } from "./extras.js";
import { TextArea } from "./fields.js";
import { html } from "./html.js";
import { text } from "./texts.js";

const pause = 250;
const mostWords = 8;
const firstWords = ["rocket", "flat pizza", "cartoon fox", "line art owl", "purple cat face", "teddy bear"];

/// {count, limit, chunks} of a prompt; null before the server has told, and where it cannot.
function useTokens(prompt, model) {
  const [tokens, setTokens] = useState(null);
  useEffect(() => {
    const stop = new AbortController();
    const later = setTimeout(async () => {
      try {
        setTokens(await countTokens(prompt, stop.signal));
      } catch {
        if (!stop.signal.aborted) setTokens(null);
      }
    }, pause);
    return () => {
      clearTimeout(later);
      stop.abort();
    };
  }, [prompt, model]);
  return tokens;
}

/// Known words that go on as the last one in the prompt does, or some to begin with.
export function wordsFor(prompt, known) {
  const [words] = splitTags(prompt);
  const last = words.split(",").pop().trim().toLowerCase();
  const rank = (word) => (word.startsWith(last) ? 0 : word.includes(` ${last}`) ? 1 : 2);
  const fitting = known
    .map((word) => [word, word.toLowerCase()])
    .filter(([, lower]) => last && lower !== last && lower.includes(last))
    .sort(([, a], [, b]) => rank(a) - rank(b))
    .map(([word]) => word);
  const first = () => firstWords.filter((word) => word !== last && known.some((name) => word.endsWith(name)));
  return (fitting.length ? fitting : first()).slice(0, mostWords);
}

/// The prompt with its last word replaced.
function withWord(prompt, word) {
  const [words, tags] = splitTags(prompt);
  const before = words.slice(0, words.lastIndexOf(",") + 1);
  return (before ? `${before} ${word}` : word) + tags;
}

export function Prompt({ form, capabilities }) {
  const tokens = useTokens(form.values.prompt, capabilities?.model);
  const area = useRef(null);
  const known = capabilities?.words ?? [];
  const words = wordsFor(form.values.prompt, known);
  const take = (word) => {
    form.change({ prompt: withWord(form.values.prompt, word) });
    area.current.querySelector("textarea").focus();
  };
  const count = tokens && html`
    <span class="tokens" title=${text("tokensHelp")}>${text(tokens.chunks > 1 ? "tokensInChunks" : "tokens", tokens)}</span>`;
  return html`
    <div class="prompt" ref=${area}>
      <${TextArea} name="prompt" label=${text("prompt")} form=${form} rows="3" spellcheck autofocus enterkeyhint="enter"
        aside=${count} />
      ${known.length > 0 && html`
        <ul class="words" aria-label=${text("knownWords")}>
          ${words.map((word) => html`<li key=${word}><button type="button" onClick=${() => take(word)}>${word}</button></li>`)}
        </ul>`}
      <${Extras} form=${form} capabilities=${capabilities} />
    </div>`;
}
