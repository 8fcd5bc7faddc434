// Light, dark, or as the system is.
import { read, write } from "./storage.js";

const kept = "easel.theme";
export const themes = ["system", "light", "dark"];

export function keptTheme() {
  const theme = read(kept);
  return themes.includes(theme) ? theme : "system";
}

export function applyTheme(theme) {
  document.documentElement.dataset.theme = theme;
  write(kept, theme);
}
