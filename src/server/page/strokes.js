// A mask as what was done to it, one after the other, so that the last can be undone.
const tint = "#ff2d78";

/// Paints one on a canvas: {kind: "stroke", size, erases, points: [[x, y], ...]}, {kind: "picture", canvas} of a mask
/// that is opaque where it is white, {kind: "invert"} or {kind: "clear"}. Sizes are in the canvas' pixels.
export function apply(context, done) {
  const { width, height } = context.canvas;
  context.save();
  context.fillStyle = context.strokeStyle = tint;
  if (done.kind === "stroke") {
    context.globalCompositeOperation = done.erases ? "destination-out" : "source-over";
    context.lineWidth = done.size;
    context.lineCap = context.lineJoin = "round";
    const [first, ...others] = done.points;
    context.beginPath();
    context.arc(...first, done.size / 2, 0, 2 * Math.PI);
    context.fill();  // a line of no length is not drawn
    context.beginPath();
    context.moveTo(...first);
    for (const point of others) context.lineTo(...point);
    context.stroke();
  } else if (done.kind === "picture") {
    context.clearRect(0, 0, width, height);
    context.drawImage(done.canvas, 0, 0, width, height);
    context.globalCompositeOperation = "source-in";
    context.fillRect(0, 0, width, height);
  } else if (done.kind === "invert") {
    context.globalCompositeOperation = "xor";
    context.fillRect(0, 0, width, height);
  } else {
    context.clearRect(0, 0, width, height);
  }
  context.restore();
}

/// All of them on an empty canvas.
export function replay(context, all) {
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  for (const done of all) apply(context, done);
}

export const isEmpty = (canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  for (let i = 3; i < data.length; i += 4) if (data[i] > 0) return false;
  return true;
};
