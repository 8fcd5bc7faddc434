// The top of the page: the model, the language, light or dark.
import { useState } from "preact/hooks";
import { html } from "./html.js";
import { currentLanguage, languages, text } from "./texts.js";
import { applyTheme, keptTheme, themes } from "./theme.js";

const icons = { system: "◐", light: "☀", dark: "☾" };

export function Header({ capabilities, isBusy, chooseModel, chooseLanguage }) {
  const [theme, setTheme] = useState(keptTheme);
  const next = () => {
    const after = themes[(themes.indexOf(theme) + 1) % themes.length];
    applyTheme(after);
    setTheme(after);
  };
  const told = text(`theme_${theme}`);
  const models = capabilities?.models ?? [];
  return html`
    <header>
      <h1><img src="/page/icon.svg" alt="" width="30" height="30" />easel</h1>
      <div class="model">
        ${models.length > 1
          ? html`<label for="model">${text("model")}</label>
              <select id="model" value=${capabilities.model} disabled=${isBusy} onChange=${(event) => chooseModel(event.target.value)}>
                ${models.map((name) => html`<option key=${name} value=${name} selected=${name === capabilities.model}>${name}</option>`)}
              </select>`
          : html`<span>${models[0]}</span>`}
      </div>
      <div class="row">
        <select aria-label=${text("language")} value=${currentLanguage()} onChange=${(event) => chooseLanguage(event.target.value)}>
          ${Object.entries(languages).map(([name, told]) => html`<option key=${name} value=${name} lang=${name} selected=${name === currentLanguage()}>${told}</option>`)}
        </select>
        <button type="button" class="quiet icon" onClick=${next} aria-label=${told} title=${told}>${icons[theme]}</button>
      </div>
    </header>`;
}
