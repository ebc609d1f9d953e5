// What the page was written with: classes, videos and the segments as they were found.
const data = JSON.parse(byId('data').textContent);
const labels = data.labels;
const BACKGROUND = labels.length; // as a second choice: nothing happens

function bytesOf(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let place = 0; place < text.length; place++) bytes[place] = text.charCodeAt(place);
  return bytes.buffer;
}

for (const [number, video] of data.videos.entries()) {
  video.number = number;
  video.times = new Float64Array(bytesOf(video.times));
  video.mediaTimes = video.mediaTimes ? new Float64Array(bytesOf(video.mediaTimes)) : video.times;
}

function endOf(times) {
  // The last frame lasts as long as the median one.
  if (times.length < 2) return times[0] + 0.04;
  const steps = Array.from(times.subarray(1), (time, place) => time - times[place]).sort((a, b) => a - b);
  const middle = steps.length >> 1;
  const median = steps.length % 2 ? steps[middle] : (steps[middle - 1] + steps[middle]) / 2;
  return times[times.length - 1] + median;
}
for (const video of data.videos) video.end = endOf(video.times);

// The last frame that has begun at `seconds`, 0 before the first.
function frameAt(times, seconds) {
  let low = 0, high = times.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (times[middle] <= seconds) low = middle; else high = middle - 1;
  }
  return low;
}

const startSeconds = (video, frame) => video.times[frame];
const endSeconds = (video, frame) => (frame + 1 < video.frames ? video.times[frame + 1] : video.end);

function framesPerSecond(video) {
  return video.frames / (video.end - video.times[0]);
}

// Skeletons are unpacked when their video is opened, and those of the last one are let go.
let unpacked = { number: -1 };
function skeletonOf(video) {
  if (unpacked.number !== video.number) {
    const buffer = bytesOf(byId(`points-${video.number}`).textContent);
    const count = video.kept * video.joints;
    unpacked = {
      number: video.number,
      places: new Int16Array(buffer, 0, count * 2),
      scores: new Uint8Array(buffer, count * 4, count),
    };
  }
  return unpacked;
}

// x, y, score of every joint in one frame; where frames were left out, drawn between two kept ones.
function pointsAt(video, frame) {
  const { places, scores } = skeletonOf(video);
  const first = Math.min(Math.floor(frame / video.stride), video.kept - 1);
  const last = Math.min(first + 1, video.kept - 1);
  const from = first * video.stride;
  const until = last === video.kept - 1 ? video.frames - 1 : last * video.stride;
  const share = until > from ? clamp((frame - from) / (until - from), 0, 1) : 0;
  const points = [];
  for (let joint = 0; joint < video.joints; joint++) {
    const a = first * video.joints + joint, b = last * video.joints + joint;
    const [p, q] = [scores[a] / 255, scores[b] / 255];
    const moved = q > 0 ? share : 0;
    const seen = p > 0 || share === 0 ? p : 0;
    points.push([
      (places[2 * a] + (places[2 * b] - places[2 * a]) * moved) / video.scale,
      (places[2 * a + 1] + (places[2 * b + 1] - places[2 * a + 1]) * moved) / video.scale,
      seen,
    ]);
  }
  return points;
}

function boxAt(video, frame) {
  let low = 0, high = video.boxes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (video.boxes[middle][0] <= frame) low = middle + 1; else high = middle;
  }
  const found = low ? video.boxes[low - 1] : [];
  return found.length === 5 ? found.slice(1) : null;
}

function labelName(label) {
  return label === BACKGROUND ? 'nothing' : labels[label]?.name ?? '';
}
