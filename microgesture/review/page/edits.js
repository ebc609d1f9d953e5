// The segments as they are now, and every step back.
// state: open (nobody has looked), accepted, rejected. What a person changed or added is accepted.
const segments = new Map();
const originals = new Map(); // start, end, label as they were found
const found = new Map(); // whole segments as they were found
const history = { done: [], undone: [] };
const listeners = [];
let nextAdded = 1;

for (const [place, row] of data.segments.entries()) {
  const [video, start, end, label, confidence, second, secondConfidence, uncertain] = row;
  const segment = {
    id: `s${place}`, video, start, end, label, confidence, second, secondConfidence, uncertain,
    state: 'open', comment: '', added: false,
  };
  segments.set(segment.id, segment);
  found.set(segment.id, { ...segment });
  originals.set(segment.id, { start, end, label });
}

const onEdit = (listener) => listeners.push(listener);
const tellEdit = (ids) => listeners.forEach((listener) => listener(ids));

function isCorrected(segment) {
  const before = originals.get(segment.id);
  return !before || ['start', 'end', 'label'].some((key) => before[key] !== segment[key]);
}

// Confidence and second choice are of the class that was found, not of one that a person chose.
const isRelabelled = (segment) => originals.get(segment.id)?.label !== segment.label;

let sorted = null; // all segments in order, until the next edit
function put(id, segment) {
  sorted = null;
  if (segment) segments.set(id, { ...segment }); else segments.delete(id);
}

// One step: `changes` maps ids to the new segment, or null to take it out.
function edit(words, changes) {
  const before = {};
  for (const id of Object.keys(changes)) before[id] = segments.get(id) ? { ...segments.get(id) } : null;
  if (JSON.stringify(before) === JSON.stringify(changes)) return false;
  for (const [id, segment] of Object.entries(changes)) put(id, segment);
  history.done.push({ words, before, after: structuredClone(changes) });
  if (history.done.length > 500) history.done.shift();
  history.undone = [];
  tellEdit(Object.keys(changes));
  return true;
}

function change(id, patch, words) {
  return edit(words, { [id]: { ...segments.get(id), ...patch } });
}

function step(from, to, side) {
  const entry = history[from].pop();
  if (!entry) return null;
  for (const [id, segment] of Object.entries(entry[side])) put(id, segment);
  history[to].push(entry);
  tellEdit(Object.keys(entry[side]));
  return entry;
}
const undo = () => step('done', 'undone', 'before');
const redo = () => step('undone', 'done', 'after');

function addSegment(video, start, end, label) {
  const id = `a${nextAdded++}`;
  edit(`add ${labelName(label)}`, {
    [id]: {
      id, video, start, end, label, confidence: null, second: null, secondConfidence: null,
      uncertain: false, state: 'accepted', comment: '', added: true,
    },
  });
  return id;
}

function setState(id, state) {
  const segment = segments.get(id);
  if (state === 'rejected' && segment.added) return edit('take out the added segment', { [id]: null });
  return change(id, { state }, state);
}

const relabel = (id, label) => change(id, { label, state: 'accepted' }, `relabel as ${labelName(label)}`);

function moveEnds(id, start, end) {
  const frames = data.videos[segments.get(id).video].frames;
  const first = clamp(Math.round(start), 0, frames - 1);
  const last = clamp(Math.round(end), 0, frames - 1);
  if (first > last) return false;
  return change(id, { start: first, end: last, state: 'accepted' }, 'move an end');
}

const inOrder = (list) => list.sort((a, b) => a.video - b.video || a.start - b.start || a.end - b.end || (a.id < b.id ? -1 : 1));
function allSegments() {
  sorted ??= inOrder([...segments.values()]);
  return sorted;
}
