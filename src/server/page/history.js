// The pictures drawn so far, the one to begin from and those that ControlNets follow, kept in the browser's own database.
export const mostPictures = 200;
export const mostBytes = 256 * 2 ** 20;

const whenDone = (request) => new Promise((resolve, reject) => {
  request.addEventListener("success", () => resolve(request.result));
  request.addEventListener("error", () => reject(request.error));
});

let opened = null;
function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("easel", 1);
    request.addEventListener("upgradeneeded", () => {
      request.result.createObjectStore("pictures", { keyPath: "id" });
      request.result.createObjectStore("kept");
    });
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error));
  });
  return opened;
}

/// What `use` makes of the store; nothing where the browser keeps nothing.
async function inStore(name, mode, use) {
  try {
    const store = (await database()).transaction(name, mode).objectStore(name);
    return await whenDone(use(store));
  } catch {
    return undefined;
  }
}

/// {id, blob, parameters, seed, width, height} each, the latest first.
export async function keptPictures() {
  const all = (await inStore("pictures", "readonly", (store) => store.getAll())) ?? [];
  return all.sort((a, b) => b.id - a.id);
}
export const keepPicture = (picture) => inStore("pictures", "readwrite", (store) => store.put(picture));
export const forgetPicture = (id) => inStore("pictures", "readwrite", (store) => store.delete(id));
export const forgetPictures = () => inStore("pictures", "readwrite", (store) => store.clear());

/// How many of these, the latest first, are within the bounds.
export function countWithinBounds(pictures) {
  let bytes = 0;
  for (const [i, picture] of pictures.entries()) {
    bytes += picture.blob.size;
    if (i >= mostPictures || (i > 0 && bytes > mostBytes)) return i;
  }
  return pictures.length;
}

/// What the form has besides its fields, by name; null is none.
export const kept = (name) => inStore("kept", "readonly", (store) => store.get(name));
export const keep = (name, value) =>
  inStore("kept", "readwrite", (store) => (value ? store.put(value, name) : store.delete(name)));
