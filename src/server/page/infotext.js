// The settings text of a picture: its prompt, "Negative prompt: ...", and "Steps: 20, Sampler: ...".

/// Its parts, to be shown.
export function partsOf(text) {
  const lines = text.split("\n");
  const last = lines.length > 1 || /^Steps: \d/.test(text) ? lines.pop() : "";
  const negative = lines.findIndex((line) => line.startsWith("Negative prompt: "));
  const prompt = negative < 0 ? lines : lines.slice(0, negative);
  const entries = [...last.matchAll(/([\w][\w \-/]+): ("(?:\\.|[^\\"])*"|[^,]*)(?:, |$)/g)].map(([, key, value]) => [key, value]);
  return {
    prompt: prompt.join("\n"),
    negative: negative < 0 ? "" : lines.slice(negative).join("\n").slice("Negative prompt: ".length),
    entries,
  };
}
