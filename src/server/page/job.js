// One drawing on its way: posted, followed, and given up when that is wanted.
import { deleteJob, Failure, failureOf, finishJob, jobEvents, postJob } from "./api.js";

const randomKey = () => Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(16)).join("-");
/// Milliseconds; steps that come faster are shown as one, for a picture takes longer to be shown than a small step.
const pause = 80;
const pauseBeforeLost = 1000;
const kinds = ["queued", "progress", "done", "failed", "cancelled"];

export class Job {
  id = null;
  isCancelled = false;
  #told;
  #drawn;
  #drawnSoFar = 0;
  #wake = () => {};
  #settle = () => {};

  /// `told` gets each status of the server's, and {state: "full", seconds} or {state: "lost"} besides. `drawn` gets
  /// each picture once.
  constructor(told, drawn) {
    this.#told = told;
    this.#drawn = drawn;
  }

  /// Returns the last status; null when it was cancelled. While the queue is full it is tried again. Throws Failure.
  async draw(request) {
    const key = randomKey();
    while (!this.isCancelled) {
      try {
        this.id = (await postJob(request, key)).id;
        if (!this.isCancelled) return await this.follow(this.id);
        await deleteJob(this.id);
      } catch (failure) {
        if (failure.status !== 503 && failure.status !== 429) throw failure;
        await this.#waitFor(failure.retryAfter || 1);
      }
    }
    return null;
  }

  /// The same of a job that was posted before.
  follow(id) {
    this.id = id;
    return new Promise((resolve, reject) => {
      const events = jobEvents(id);
      let latest = null, later = 0;
      const settle = (how, value) => {
        clearTimeout(later);
        events.close();
        how(value);
      };
      this.#settle = () => settle(resolve, null);
      const tell = () => {
        clearTimeout(later);
        later = 0;
        const { kind, data } = latest;
        const status = JSON.parse(data);
        while (this.#drawnSoFar < status.pictures.length) this.#drawn(status.pictures[this.#drawnSoFar++]);
        this.#told(status);
        if (kind === "failed") settle(reject, failureOf(status.error));
        if (kind === "done") settle(resolve, status);
        if (kind === "cancelled") settle(resolve, null);
      };
      for (const kind of kinds) {
        events.addEventListener(kind, ({ data }) => {
          latest = { kind, data };
          if (kind !== "progress") tell();
          else later ||= setTimeout(tell, pause);
        });
      }
      events.addEventListener("error", () => {
        if (events.readyState !== EventSource.CLOSED) return this.#told({ state: "lost" });
        // So it is when the page is left, whose job goes on; then there is no later.
        setTimeout(() => settle(reject, new Failure("", { status: 404 })), pauseBeforeLost);
      });
    });
  }

  /// Ends it with what there is.
  finish() {
    if (this.id) return finishJob(this.id);
  }

  /// Ends it without.
  async cancel() {
    this.isCancelled = true;
    this.#wake();
    this.#settle();
    if (this.id) await deleteJob(this.id);
  }

  async #waitFor(seconds) {
    for (let left = seconds; left > 0 && !this.isCancelled; --left) {
      this.#told({ state: "full", seconds: left });
      await new Promise((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, 1000);
      });
    }
  }
}
