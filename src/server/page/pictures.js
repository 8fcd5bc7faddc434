// Pictures as bytes, as addresses, as canvases.

/// Of base64 beside it, a third more, the server takes 64 MiB in all.
export const largestPicture = 44e6;

export const dataUrl = (blob) => new Promise((resolve, reject) => {
  const reader = new FileReader();
  reader.addEventListener("load", () => resolve(reader.result));
  reader.addEventListener("error", () => reject(reader.error));
  reader.readAsDataURL(blob);
});

/// Throws where the browser cannot read it.
export async function sizeOf(blob) {
  const bitmap = await createImageBitmap(blob);
  const { width, height } = bitmap;
  bitmap.close();
  return { width, height };
}

export function canvasOf(width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return canvas;
}

export const pngOf = (canvas) => new Promise((resolve) => canvas.toBlob(resolve, "image/png"));

/// A picture's grey as opacity: white is opaque.
export async function opacityOf(blob) {
  const bitmap = await createImageBitmap(blob);
  const canvas = canvasOf(bitmap.width, bitmap.height);
  const context = canvas.getContext("2d");
  context.drawImage(bitmap, 0, 0);
  const image = context.getImageData(0, 0, canvas.width, canvas.height);
  for (let i = 0; i < image.data.length; i += 4) {
    image.data[i + 3] = image.data[i];
    image.data[i] = image.data[i + 1] = image.data[i + 2] = 255;
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

/// The reverse: white where the canvas is opaque, black elsewhere.
export function greyOf(canvas) {
  const grey = canvasOf(canvas.width, canvas.height);
  const context = grey.getContext("2d");
  context.drawImage(canvas, 0, 0);
  context.globalCompositeOperation = "source-in";
  context.fillStyle = "#fff";
  context.fillRect(0, 0, grey.width, grey.height);
  context.globalCompositeOperation = "destination-over";
  context.fillStyle = "#000";
  context.fillRect(0, 0, grey.width, grey.height);
  return grey;
}

/// What a model draws well of the picture's shape, where the picture is much larger than what the model was made for.
export function sizeToDraw({ width, height }, native, isFixed = false) {
  if (isFixed || !native.width) return native;
  const most = native.width * native.height;
  const scale = width * height > 1.5 * most ? Math.sqrt(most / (width * height)) : 1;
  const side = (length) => Math.max(8, Math.round((length * scale) / 8) * 8);
  return { width: side(width), height: side(height) };
}
