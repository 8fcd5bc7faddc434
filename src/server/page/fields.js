// Fields of the form: a label, a control, and what is wrong with it beneath.
import { html } from "./html.js";

/// What an error beneath a control needs in it.
const faulty = (id, error) => error && { "aria-invalid": "true", "aria-describedby": `${id}-error` };

export const percent = (value) => `${Math.round(100 * value)} %`;

export function Field({ id, label, error, hint, aside, class: name = "", children }) {
  return html`
    <div class=${`field ${name}`}>
      <div class="label-line"><label for=${id}>${label}</label>${aside}</div>
      ${children}
      ${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
      ${error && html`<p class="field-error" id=${`${id}-error`}>${error}</p>`}
    </div>`;
}

/// `form`: {values, errors, change}.
export function NumberField({ name, label, form, aside, ...control }) {
  return html`
    <${Field} id=${name} label=${label} error=${form.errors[name]} aside=${aside}>
      <input id=${name} name=${name} type="number" inputmode=${control.step === "any" ? "decimal" : "numeric"} ...${control}
        value=${form.values[name]} onInput=${(event) => form.change({ [name]: event.target.value })}
        ...${faulty(name, form.errors[name])} />
    <//>`;
}

/// `options`: [[value, text], ...]
export function SelectField({ name, label, form, options, ...control }) {
  const value = form.values[name];
  const all = options.some(([known]) => known === value) ? options : [...options, [value, value]];
  return html`
    <${Field} id=${name} label=${label} error=${form.errors[name]}>
      <select id=${name} name=${name} value=${value} ...${control} ...${faulty(name, form.errors[name])}
        onChange=${(event) => form.change({ [name]: event.target.value })}>
        ${all.map(([known, text]) => html`<option key=${known} value=${known} selected=${known === value}>${text}</option>`)}
      </select>
    <//>`;
}

export function TextArea({ name, label, form, aside, hint, rows, ...control }) {
  const described = [form.errors[name] && `${name}-error`, hint && `${name}-hint`].filter(Boolean).join(" ");
  return html`
    <${Field} id=${name} label=${label} error=${form.errors[name]} aside=${aside} hint=${hint}>
      <textarea id=${name} name=${name} rows=${rows} value=${form.values[name]} ...${control}
        aria-invalid=${form.errors[name] ? "true" : undefined} aria-describedby=${described || undefined}
        onInput=${(event) => form.change({ [name]: event.target.value })}></textarea>
    <//>`;
}

export function Range({ name, label, form, told, ...control }) {
  return html`
    <${Field} id=${name} label=${label} error=${form.errors[name]}
      aside=${html`<output for=${name}>${told(form.values[name])}</output>`}>
      <input id=${name} name=${name} type="range" ...${control} value=${form.values[name]} aria-valuetext=${told(form.values[name])}
        onInput=${(event) => form.change({ [name]: event.target.value })} ...${faulty(name, form.errors[name])} />
    <//>`;
}

export function Check({ name, label, form }) {
  return html`
    <label class="check"><input id=${name} name=${name} type="checkbox" checked=${form.values[name]}
      onChange=${(event) => form.change({ [name]: event.target.checked })} /> ${label}</label>`;
}
