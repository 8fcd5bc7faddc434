// Drawing in two passes, and enlarging a picture that was drawn.
import { useState } from "preact/hooks";
import { Check, NumberField, percent, Range, SelectField } from "./fields.js";
import { html } from "./html.js";
import { text } from "./texts.js";

/// What the form asks of the second pass, for the request.
export function secondPassOf(form) {
  if (!form.enable_hr) return {};
  const { hr_scale, hr_upscaler, hr_second_pass_steps } = form;
  return {
    enable_hr: true, hr_scale: hr_scale.trim() || "2", hr_upscaler, denoising_strength: form.hr_strength,
    ...(hr_second_pass_steps.trim() && { hr_second_pass_steps }),
  };
}

/// Not for models of one size.
export function SecondPass({ form, capabilities }) {
  const { latent_upscalers: latent = [], upscalers = [], fixed_size, limits } = capabilities;
  if (fixed_size || !latent.length) return null;
  return html`
    <div class="second-pass">
      <${Check} name="enable_hr" label=${text("secondPass")} form=${form} />
      ${form.values.enable_hr && html`
        <div class="pairs">
          <${NumberField} name="hr_scale" label=${text("timesLarger")} form=${form} min="1" max="16" step="any" placeholder="2" />
          <${NumberField} name="hr_second_pass_steps" label=${text("steps")} form=${form} min="1" max=${limits.steps} placeholder=${form.values.steps || capabilities.defaults.steps || ""} />
        </div>
        <${SelectField} name="hr_upscaler" label=${text("enlargedBy")} form=${form} options=${[...latent, ...upscalers].map((name) => [name, name])} />
        <${Range} name="hr_strength" label=${text("strength")} form=${form} min="0.05" max="1" step="0.05" told=${percent} />`}
    </div>`;
}

/// A way to enlarge, and a button that does. `enlarge(upscaler)` is done when the picture is there.
export function Enlarge({ upscalers, enlarge }) {
  const [upscaler, setUpscaler] = useState(upscalers[upscalers.length > 1 ? 1 : 0]);
  const [isBusy, setIsBusy] = useState(false);
  const start = async () => {
    setIsBusy(true);
    await enlarge(upscaler);
    setIsBusy(false);
  };
  return html`
    <div class="row enlarge">
      ${upscalers.length > 1 && html`
        <select id="upscaler" aria-label=${text("enlargedBy")} value=${upscaler} disabled=${isBusy} onChange=${(event) => setUpscaler(event.target.value)}>
          ${upscalers.map((name) => html`<option key=${name} value=${name} selected=${name === upscaler}>${name}</option>`)}
        </select>`}
      <button type="button" disabled=${isBusy} onClick=${start}>${text(isBusy ? "enlarging" : "enlarge")}</button>
    </div>`;
}
