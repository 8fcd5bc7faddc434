import { render } from "preact";
import { App } from "./app.js";
import { html } from "./html.js";
import { chooseLanguage, languageAtFirst } from "./texts.js";
import { applyTheme, keptTheme } from "./theme.js";

applyTheme(keptTheme());
await chooseLanguage(languageAtFirst());
const place = document.getElementById("app");
place.replaceChildren();
render(html`<${App} />`, place);
