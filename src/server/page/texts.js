// The page's words in the languages that it has: a table each in texts/.
import { read, write } from "./storage.js";
import english from "./texts/en.js";

export const languages = { en: "English", de: "Deutsch", fr: "Français", es: "Español", zh: "中文", ja: "日本語" };
const kept = "easel.language";
let table = english;
let language = "en";

/// The one that was chosen, else the first that the browser asks for and the page has.
export function languageAtFirst() {
  const wanted = [read(kept), ...navigator.languages].filter(Boolean).map((name) => name.slice(0, 2));
  return wanted.find((name) => name in languages) ?? "en";
}

export async function chooseLanguage(name) {
  try {
    table = name === "en" ? english : (await import(`./texts/${name}.js`)).default;
    language = name;
  } catch {
    // the server is gone; the words stay as they are
  }
  document.documentElement.lang = language;
}
export const keepLanguage = (name) => write(kept, name);
export const currentLanguage = () => language;

/// The text of that name; {key} in it becomes the value of that key.
export function text(name, values = {}) {
  return table[name].replace(/\{(\w+)\}/g, (_, key) => {
    const value = values[key];
    return typeof value === "number" ? value.toLocaleString(language) : value;
  });
}
