// What the server can do, asked again until it answers.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { readCapabilities } from "./api.js";

const whileLoading = 500;
const whileGone = 2000;

/// {capabilities, isThere, ask}: capabilities are null before the first answer, and `isThere` is false while there is
/// none. ask() asks now.
export function useServer() {
  const [capabilities, setCapabilities] = useState(null);
  const [isThere, setIsThere] = useState(true);
  const later = useRef(0);
  const ask = useCallback(async () => {
    clearTimeout(later.current);
    try {
      const answer = await readCapabilities();
      setCapabilities(answer);
      setIsThere(true);
      if (!answer.defaults.width) later.current = setTimeout(ask, whileLoading);
    } catch {
      setIsThere(false);
      later.current = setTimeout(ask, whileGone);
    }
  }, []);
  useEffect(() => {
    ask();
    const whenSeen = () => document.visibilityState === "visible" && ask();
    document.addEventListener("visibilitychange", whenSeen);
    return () => document.removeEventListener("visibilitychange", whenSeen);
  }, []);
  return { capabilities, isThere, ask };
}
