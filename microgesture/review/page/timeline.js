// The time line: above the whole video with the part in view, below that part with its segments.
// Everything is counted in frames; only the words of the ruler are seconds.
const lanes = byId('lanes');
const MAP = 20, RULER = 20, LANE = 30, GAP = 3;
const view = { from: 0, to: 1, shown: [], rows: 1, rowOf: new Map(), ghost: null };
let ink = {};

const fieldWidth = () => lanes.clientWidth || 1;
const xOf = (frame) => ((frame - view.from) / (view.to - view.from)) * fieldWidth();
const frameOfX = (x) => view.from + (x / fieldWidth()) * (view.to - view.from);

function setView(from, to) {
  const frames = player.video.frames;
  const length = clamp(to - from, Math.min(12, frames), frames);
  view.from = clamp(from, 0, frames - length);
  view.to = view.from + length;
}

function viewAll() { setView(0, player.video.frames); redrawLanes(); }

function zoom(factor, around = player.frame) {
  const length = (view.to - view.from) * factor;
  const share = clamp((around - view.from) / (view.to - view.from), 0, 1);
  setView(around - share * length, around + (1 - share) * length);
  redrawLanes();
}

function bringIntoView(first, last) {
  const length = view.to - view.from;
  if (first >= view.from && last < view.to) return;
  if (last - first > length * 0.8) setView(first - length * 0.05, last + length * 0.05);
  else setView((first + last) / 2 - length / 2, (first + last) / 2 + length / 2);
}

function layOut() {
  // Segments in as few rows as hold them without overlaps; the filter decides who is there.
  view.shown = allSegments().filter((s) => s.video === player.video.number && (passes(s) || s.id === selectedId));
  const ends = [];
  view.rowOf.clear();
  for (const segment of view.shown) {
    let row = ends.findIndex((end) => end < segment.start);
    if (row < 0) row = ends.push(-1) - 1;
    ends[row] = segment.end;
    view.rowOf.set(segment.id, row);
  }
  view.rows = clamp(ends.length, 1, 5);
}

const topOfRow = (row) => MAP + RULER + Math.min(row, view.rows - 1) * (LANE + GAP) + GAP;
const lanesHeight = () => MAP + RULER + view.rows * (LANE + GAP) + 2 * GAP;

function readInk() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ['ink', 'muted', 'line', 'soft', 'accent', 'sheet', 'good', 'bad']) ink[name] = style.getPropertyValue(`--${name}`).trim();
}

let lanesAsked = false;
function redrawLanes() {
  if (lanesAsked) return;
  lanesAsked = true;
  requestAnimationFrame(() => { lanesAsked = false; drawLanes(); });
}

function drawLanes() {
  const ratio = devicePixelRatio || 1;
  const [wide, tall] = [fieldWidth(), lanesHeight()];
  if (lanes.width !== Math.round(wide * ratio) || lanes.height !== Math.round(tall * ratio)) {
    lanes.width = Math.round(wide * ratio);
    lanes.height = Math.round(tall * ratio);
    lanes.style.height = `${tall}px`;
  }
  const pen = lanes.getContext('2d');
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, wide, tall);
  pen.font = '12px system-ui, "DejaVu Sans", sans-serif';
  pen.textBaseline = 'middle';
  drawMap(pen, wide);
  drawRuler(pen, wide, tall);
  for (const segment of view.shown) if (segment.id !== selectedId) drawSegment(pen, segment);
  const selected = segments.get(selectedId);
  if (selected && selected.video === player.video.number) drawSegment(pen, view.ghost ? { ...selected, ...view.ghost } : selected, true);
  else if (view.ghost) drawSegment(pen, { ...view.ghost, state: 'accepted', confidence: null }, true);
  const x = xOf(player.frame + 0.5);
  pen.fillStyle = ink.ink;
  pen.fillRect(x - 1, MAP, 2, tall - MAP);
  pen.beginPath();
  pen.moveTo(x - 6, MAP); pen.lineTo(x + 6, MAP); pen.lineTo(x, MAP + 8);
  pen.fill();
}

function drawMap(pen, wide) {
  const frames = player.video.frames;
  const at = (frame) => (frame / frames) * wide;
  pen.fillStyle = ink.soft;
  pen.fillRect(0, 2, wide, MAP - 6);
  for (const segment of view.shown) {
    pen.globalAlpha = segment.state === 'rejected' ? 0.12 : 0.85;
    pen.fillStyle = labels[segment.label].colour;
    pen.fillRect(at(segment.start), 5, Math.max(1.5, at(segment.end + 1) - at(segment.start)), MAP - 12);
  }
  pen.globalAlpha = 1;
  pen.strokeStyle = ink.accent;
  pen.lineWidth = 2;
  pen.strokeRect(at(view.from) + 1, 2, Math.max(4, at(view.to) - at(view.from) - 2), MAP - 6);
  pen.fillStyle = ink.ink;
  pen.fillRect(at(player.frame) - 0.5, 1, 1.5, MAP - 4);
}

const STEPS = [0.04, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600];
function drawRuler(pen, wide, tall) {
  const { times } = player.video;
  const seconds = (frame) => times[clamp(Math.round(frame), 0, times.length - 1)];
  const [from, to] = [seconds(view.from), seconds(view.to)];
  const step = STEPS.find((s) => (wide / Math.max(to - from, 1e-6)) * s >= 74) ?? 7200;
  pen.lineWidth = 1;
  for (let tick = Math.ceil(from / step) * step; tick <= to; tick += step) {
    const frame = frameAt(times, tick + 1e-6);
    const x = Math.round(xOf(frame)) + 0.5;
    pen.strokeStyle = ink.line;
    pen.beginPath(); pen.moveTo(x, MAP + 12); pen.lineTo(x, tall); pen.stroke();
    pen.fillStyle = ink.muted;
    pen.fillText(clock(tick, step < 0.1 ? 2 : step < 1 ? 1 : 0), x + 3, MAP + 10);
  }
}

function drawSegment(pen, segment, selected = false) {
  const [left, right] = [xOf(segment.start), xOf(segment.end + 1)];
  if (right < 0 || left > fieldWidth()) return;
  const [top, width] = [topOfRow(view.rowOf.get(segment.id) ?? 0), Math.max(2, right - left)];
  const sure = isRelabelled(segment) || segment.confidence === null ? 1 : segment.confidence;
  const gone = segment.state === 'rejected';
  pen.fillStyle = ink.sheet;
  pen.fillRect(left, top, width, LANE);
  pen.globalAlpha = gone ? 0.12 : 0.2 + 0.7 * sure;
  pen.fillStyle = labels[segment.label].colour;
  pen.fillRect(left, top, width, LANE);
  pen.globalAlpha = 1;
  pen.setLineDash(gone || segment.uncertain && segment.state === 'open' ? [3, 3] : []);
  pen.lineWidth = selected ? 3 : 1;
  pen.strokeStyle = selected ? ink.accent : labels[segment.label].colour;
  pen.strokeRect(left + 0.5, top + 0.5, width - 1, LANE - 1);
  pen.setLineDash([]);
  if (selected) {
    pen.fillStyle = ink.accent;
    pen.fillRect(left - 3, top + 6, 6, LANE - 12);
    pen.fillRect(right - 3, top + 6, 6, LANE - 12);
  }
  if (width > 22) {
    const mark = { accepted: '✓ ', rejected: '✕ ', open: '' }[segment.state];
    pen.save();
    pen.beginPath(); pen.rect(Math.max(left, 0) + 5, top, width - 10, LANE); pen.clip();
    pen.fillStyle = gone ? ink.muted : ink.ink;
    pen.fillText(`${mark}${segment.label} ${width > 60 ? labels[segment.label].name : ''}`, Math.max(left, 0) + 7, top + LANE / 2 + 1);
    pen.restore();
  }
}

function fillLegend() {
  const seen = new Map(labels.map(({ group, colour }) => [group || 'classes', colour]));
  for (const [group, colour] of seen) byId('legend').append(make('span', {}, make('i', { class: 'swatch', style: `background:${colour}` }), group));
}
