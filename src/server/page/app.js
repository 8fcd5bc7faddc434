// The page: what its parts share, and what happens between them.
import { useEffect, useRef, useState } from "preact/hooks";
import { annotate, chooseModel, enlarged, Failure, readSettings } from "./api.js";
import { CompareForm, CompareTable } from "./compare.js";
import { comparisonOf, exampleValues, faultOf, randomSeed } from "./comparison.js";
import { Controls, useControls } from "./controls.js";
import { keptJob, useDrawing } from "./drawing.js";
import { NumberField } from "./fields.js";
import { fieldsOf, requestFor, sizeFor, useForm } from "./form.js";
import { Gallery, useHistory } from "./gallery.js";
import { Header } from "./header.js";
import { html } from "./html.js";
import { choosePicture, useIntake, WhatFor } from "./intake.js";
import { controlsOf, jobFile, picturesOf } from "./job_file.js";
import { MaskEditor } from "./mask_editor.js";
import { dataUrl, largestPicture, sizeOf } from "./pictures.js";
import { Prompt } from "./prompt.js";
import { useServer } from "./server.js";
import { Settings } from "./settings.js";
import { Source, useSource } from "./source.js";
import { Stage } from "./stage.js";
import { read, write } from "./storage.js";
import { chooseLanguage, keepLanguage, text } from "./texts.js";
import { Viewer } from "./viewer.js";

const examplePrompt = "rocket";
const settingsAreOpen = "easel.settings";
const isWide = () => window.matchMedia("(min-width: 60rem)").matches;
const isShown = (field) => document.getElementById(field) !== null;

/// The web UI's 4 pixels of a picture of 512.
const usualBlur = ({ width, height }) => String(Math.min(16, Math.round(Math.min(width, height) / 128)));
const isMuchLarger = (size, native) => Boolean(native?.width) && size.width * size.height > 2 * native.width * native.height;

/// As a download.
function give(name, blob) {
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

export function App() {
  const server = useServer();
  const { capabilities } = server;
  const [values, change] = useForm();
  const [errors, setErrors] = useState({});
  const [error, setError] = useState("");
  const [message, setMessage] = useState("");
  const [notes, setNotes] = useState([]);
  const [said, setSaid] = useState("");
  const [source, setSource] = useSource();
  const [controls, setControls] = useControls();
  const [dialog, setDialog] = useState(null);
  const [comparison, setComparison] = useState(null);
  const [isOpen, setIsOpen] = useState(() => (read(settingsAreOpen) ?? String(isWide())) === "true");
  const [, setLanguage] = useState("");
  const history = useHistory();
  const stage = useRef(null);

  const tell = (sentence) => {
    setMessage(sentence);
    setSaid(sentence);
  };
  const clearErrors = () => {
    setErrors({});
    setError("");
  };
  const form = {
    values,
    errors,
    change: (changes) => {
      setErrors((before) => Object.fromEntries(Object.entries(before).filter(([name]) => !(name in changes))));
      change(changes);
    },
  };

  /// Beside its field where there is one.
  const showFailure = (failure) => {
    if (!(failure instanceof Failure)) throw failure;
    if (failure.status === 0) server.ask();
    const sentence = failure.status === 0 ? text("noAnswer") : failure.message || text("jobForgotten");
    if (!(failure.field in values)) return setError(sentence);
    setErrors({ [failure.field]: sentence });
    setIsOpen(true);
    setSaid(sentence);
    requestAnimationFrame(() => {
      if (!isShown(failure.field)) return setError(sentence);
      document.getElementById(failure.field).focus();
      document.getElementById(`${failure.field}-error`)?.scrollIntoView({ block: "nearest" });
    });
  };
  const orShow = (work) => async (...given) => {
    try {
      return await work(...given);
    } catch (failure) {
      showFailure(failure);
    }
  };

  // ---- drawing

  const takePicture = async (picture, nth) => {
    let blob;
    try {
      blob = await (await fetch(picture.url)).blob();
    } catch {
      throw new Failure("");
    }
    const { url: origin, seed, width, height, parameters } = picture;
    const kept = history.add({ origin, seed, width, height, parameters, blob });
    setComparison((before) => before && { ...before, pictures: Object.assign([...before.pictures], { [nth]: kept }) });
  };
  const drawing = useDrawing(takePicture);
  const { run } = drawing;

  /// In one column it may be out of sight.
  const showStage = () => isWide() || stage.current.scrollIntoView({ block: "nearest" });
  const draw = orShow(async () => {
    if (run || !capabilities) return;
    clearErrors();
    setNotes([]);
    if (values.compares) return compare();
    setComparison(null);
    tell(text("sent"));
    showStage();
    const request = await requestFor(values, source, capabilities, controls);
    try {
      finished(await drawing.draw(request));
    } catch (failure) {
      setMessage("");
      throw failure;
    }
  });
  const finished = (last) => {
    tell(last ? text(last.interrupted ? "endedEarly" : "done", { seconds: Math.round(10 * last.seconds) / 10 }) : text("cancelled"));
    setNotes((last?.notes ?? []).map((note) => note.replaceAll("`", "")));
  };

  /// The form with what all pictures of a comparison share, and the comparison; null where that cannot be.
  const prepared = (seed = randomSeed()) => {
    const made = comparisonOf(values);
    const fault = faultOf(made);
    if (fault) {
      setErrors({ [fault.axis]: text(fault.why) });
      return null;
    }
    return { made, shared: { ...values, batch_size: "1", seed: values.seed.trim() || seed } };
  };
  const compare = async () => {
    const ready = prepared();
    if (!ready) return;
    const { made, shared } = ready;
    const requests = [];
    for (const { changes } of made.cells) requests.push(await requestFor({ ...shared, ...changes }, source, capabilities, controls));
    const { width, height } = { ...capabilities.defaults, ...(source && { width: source.width, height: source.height }), ...requests[0] };
    setComparison({ ...made, seed: shared.seed, pictures: [], shape: `${width} / ${height}` });
    showStage();
    const count = await drawing.drawEach(requests);
    tell(count === requests.length ? text("comparisonDone", { count }) : text("cancelled"));
  };
  const giveJobFile = orShow(async () => {
    const ready = prepared(comparison?.seed);
    if (!ready) return;
    const { made, shared } = ready;
    const { width = "", height = "" } = await requestFor(shared, source, capabilities, controls);
    const pictures = picturesOf(source);
    const size = sizeFor(shared, source, capabilities);
    const seen = async ({ blob, annotator }) => annotate({ picture: await dataUrl(blob), annotator, ...size });
    const followed = capabilities.controlnets?.length ? await controlsOf(controls, source, seen) : [];
    const toml = jobFile({ ...shared, width: String(width), height: String(height) }, made, capabilities, pictures, followed);
    give("job.toml", new Blob([toml], { type: "application/toml" }));
    for (const { name, blob } of [...pictures, ...followed]) give(name, blob);
    const files = [...pictures, ...followed].map(({ name }) => name).join(", ");
    tell(files ? text("jobFilesGiven", { files }) : text("jobFileGiven"));
  });
  const cancel = orShow(async () => {
    if (run) await drawing.cancel();
  });
  const finish = orShow(drawing.finish);

  /// The job that was followed before a reload.
  useEffect(() => {
    const id = keptJob();
    if (!history.isRead || !id || run) return;
    drawing.follow(id).then(finished, () => setMessage(""));
  }, [history.isRead]);

  // ---- pictures that come in

  const begin = orShow(async (blob) => {
    clearErrors();
    setDialog(null);
    let size;
    try {
      size = await sizeOf(blob);
    } catch {
      throw new Failure(text("noPicture"), { status: 422 });
    }
    setSource({ blob, ...size, mask: null });
    change({ mask_blur: usualBlur(size), inpaint_full_res: isMuchLarger(size, capabilities?.defaults) });
    tell(text("begun"));
  });
  const useParameters = (parameters) => {
    setDialog(null);
    form.change({ ...fieldsOf(parameters, capabilities), compares: false });
    tell(text("settingsUsed"));
  };
  const takeFile = orShow(async (blob) => {
    clearErrors();
    if (blob.size > largestPicture) throw new Failure(text("tooLarge"), { status: 413 });
    const parameters = await readSettings(await dataUrl(blob));
    if (parameters) setDialog({ kind: "what-for", blob, parameters });
    else await begin(blob);
  });
  const isOver = useIntake(takeFile);
  const takeControlPicture = orShow(async (blob, use) => {
    clearErrors();
    if (blob.size > largestPicture) throw new Failure(text("tooLarge"), { status: 413 });
    try {
      await sizeOf(blob);
    } catch {
      throw new Failure(text("noPicture"), { status: 422 });
    }
    use(blob);
  });
  const usePicture = orShow(async ({ blob }) => {
    setDialog(null);
    useParameters(await readSettings(await dataUrl(blob)));
  });

  /// Shows it, and keeps it with the others.
  const enlarge = async (picture, upscaler) => {
    try {
      const blob = await enlarged(await dataUrl(picture.blob), upscaler);
      const { seed, parameters } = picture;
      view(history.add({ origin: `${picture.id} ${upscaler}`, seed, parameters, blob, ...(await sizeOf(blob)) }));
    } catch (failure) {
      setDialog(null);
      showFailure(failure);
    }
  };

  // ---- the rest

  const view = (picture) => setDialog({ kind: "viewer", picture });
  const copy = async (words) => {
    try {
      await navigator.clipboard.writeText(words);
      tell(text("copied", { what: words }));
    } catch {
      tell(text("notCopied", { what: words }));
    }
  };
  const changeModel = orShow(async (title) => {
    tell(text("stageLoad"));
    await chooseModel(title);
    await server.ask();
    tell("");
  });
  const changeLanguage = async (name) => {
    keepLanguage(name);
    await chooseLanguage(name);
    setLanguage(name);
  };
  const toggle = (open) => {
    setIsOpen(open);
    write(settingsAreOpen, String(open));
  };

  useEffect(() => {
    const onKeyDown = (event) => {
      if (dialog) return;
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        draw();
      } else if (event.key === "Escape") {
        cancel();
      }
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  });
  useEffect(() => {
    if (capabilities?.words.includes(examplePrompt) && read("easel.form") === null) change({ prompt: examplePrompt });
  }, [capabilities]);
  const quarter = run?.progress ? Math.floor(4 * run.progress) : 0;
  useEffect(() => {
    if (quarter > 0 && quarter < 4) setSaid(text("percent", { count: 25 * quarter }));
  }, [quarter]);
  useEffect(() => {
    document.title = run ? `${Math.round(100 * run.progress)} % – easel` : "easel";
  });

  const isLoading = capabilities && !capabilities.defaults.width;
  const canDraw = capabilities && server.isThere;
  const chooseMode = (compares) => {
    const { columns } = values;
    const isNew = compares && columns.setting && !columns.values;
    form.change({ compares, ...(isNew && { columns: { ...columns, values: exampleValues(columns.setting, values, capabilities) } }) });
  };
  const lastSeed = history.pictures[0]?.seed ?? null;
  const mode = (compares, name) => html`
    <button type="button" aria-pressed=${String(values.compares === compares)} onClick=${() => chooseMode(compares)}>${text(name)}</button>`;
  return html`
    <div class=${isOver ? "page over" : "page"} data-drop=${text("drop")}>
      <${Header} capabilities=${capabilities} isBusy=${!!run} chooseModel=${changeModel} chooseLanguage=${changeLanguage} />
      ${!server.isThere && html`<p class="banner" role="alert">${text("gone")}</p>`}
      <main>
        <form class="column" novalidate onSubmit=${(event) => { event.preventDefault(); draw(); }}>
          <div class="card composer">
            <${Prompt} form=${form} capabilities=${capabilities} />
            <${Controls} controls=${controls} setControls=${setControls} form=${form} source=${source} capabilities=${capabilities} take=${takeControlPicture} />
            <div class="modes" role="group" aria-label=${text("mode")}>${mode(false, "pictures")}${mode(true, "compare")}</div>
            <div class="go">
              <button type="submit" class="primary" disabled=${!canDraw || !!run}>${text("draw")}</button>
              ${!values.compares && html`<${NumberField} name="batch_size" label=${text("count")} form=${form} min="1" max=${capabilities?.limits.pictures ?? 64} />`}
            </div>
            <p class="hint keys">${text("keys")}</p>
          </div>
          ${capabilities && values.compares && html`<${CompareForm} form=${form} capabilities=${capabilities} source=${source} giveJobFile=${giveJobFile} />`}
          <${Source} source=${source} form=${form} setSource=${setSource} editMask=${() => setDialog({ kind: "mask" })} choose=${() => choosePicture(takeFile)} />
          ${capabilities && html`<${Settings} form=${form} capabilities=${capabilities} source=${source} lastSeed=${lastSeed} copy=${copy} isOpen=${isOpen} toggle=${toggle} />`}
        </form>
        <div class="column results" ref=${stage}>
          <${Stage} run=${run} picture=${history.pictures[0]} preview=${drawing.preview} error=${error} notes=${notes}
            message=${message || (isLoading ? text("stageLoad") : "")} view=${view} cancel=${cancel} finish=${finish}>
            ${comparison && html`<${CompareTable} comparison=${comparison} shape=${comparison.shape} current=${run?.nth} preview=${drawing.preview} view=${view} />`}
          <//>
          <${Gallery} pictures=${history.pictures} view=${view} clear=${history.clear} />
        </div>
      </main>
      <p class="unseen" role="status">${said}</p>
      ${dialog?.kind === "viewer" && html`<${Viewer} picture=${dialog.picture} pictures=${history.pictures} view=${view} close=${() => setDialog(null)}
        upscalers=${capabilities?.upscalers ?? []} useSettings=${usePicture} beginFrom=${({ blob }) => begin(blob)} enlarge=${enlarge} remove=${history.remove} />`}
      ${dialog?.kind === "what-for" && html`<${WhatFor} ...${dialog} useSettings=${() => useParameters(dialog.parameters)} begin=${() => begin(dialog.blob)} close=${() => setDialog(null)} />`}
      ${dialog?.kind === "mask" && html`<${MaskEditor} source=${source} blur=${Number(values.mask_blur) || 0} changeBlur=${(mask_blur) => form.change({ mask_blur })}
        canFindPerson=${capabilities?.features.includes("person_mask")} close=${() => setDialog(null)}
        keep=${(mask) => { setSource({ ...source, mask }); setDialog(null); }} />`}
    </div>`;
}
