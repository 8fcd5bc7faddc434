// Drawing what the form asks for: one job, or one after the other for a comparison.
import { useCallback, useRef, useState } from "preact/hooks";
import { Job } from "./job.js";

const kept = "easel.job";

/// The id of the job that this tab follows, kept over a reload.
function keepJob(id) {
  try {
    if (id) sessionStorage.setItem(kept, id);
    else sessionStorage.removeItem(kept);
  } catch {
    // then it is forgotten
  }
}
export function keptJob() {
  try {
    return sessionStorage.getItem(kept);
  } catch {
    return null;
  }
}

/// {run, preview, draw, follow, drawEach, cancel, finish}. `run` is null while nothing is drawn, else
/// {status, progress, nth, count}. `drawn(picture, nth)` gets each picture, in turn.
export function useDrawing(drawn) {
  const [run, setRun] = useState(null);
  const [preview, setPreview] = useState(null);
  const job = useRef(null);
  const isStopped = useRef(false);
  const taker = useRef(drawn);
  taker.current = drawn;

  /// One job, the `nth` of `count`.
  const runJob = useCallback(async (start, nth = 0, count = 0) => {
    let pictures = Promise.resolve();
    const told = (status) => {
      if (status.id) keepJob(status.id);
      if (status.preview) setPreview(status.preview);
      setRun((before) => {
        if (status.progress === undefined) return { ...before, status };
        return { status, nth, count, progress: count ? (nth + status.progress) / count : status.progress };
      });
    };
    const taken = (picture) => {
      pictures = pictures.then(() => taker.current(picture, nth)).then(() => setPreview(null));
    };
    job.current = new Job(told, taken);
    try {
      const last = await start(job.current);
      await pictures;
      return last;
    } finally {
      keepJob(null);
      job.current = null;
    }
  }, []);

  /// What `work` returns, between the beginning and the end of a run.
  const during = useCallback(async (work) => {
    isStopped.current = false;
    setRun({ nth: 0, count: 0, progress: 0 });
    try {
      return await work();
    } finally {
      setRun(null);
      setPreview(null);
    }
  }, []);

  const draw = useCallback((request) => during(() => runJob((one) => one.draw(request))), []);
  const follow = useCallback((id) => during(() => runJob((one) => one.follow(id))), []);
  /// Returns how many were drawn.
  const drawEach = useCallback((requests) => during(async () => {
    for (const [nth, request] of requests.entries())
      if (isStopped.current || !(await runJob((one) => one.draw(request), nth, requests.length))) return nth;
    return requests.length;
  }), []);
  const cancel = useCallback(() => {
    isStopped.current = true;
    return job.current?.cancel();
  }, []);
  const finish = useCallback(() => {
    isStopped.current = true;
    return job.current?.finish();
  }, []);
  return { run, preview, draw, follow, drawEach, cancel, finish };
}
