// What is kept in the browser under a name; nothing where it keeps nothing.
export function read(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
export function write(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // then it is not kept
  }
}
