// What was done is kept in the browser, under the digest of the page's data.
const STORE = `microgesture-review:${data.digest}`;
const extras = { finished: {}, splits: {}, which: 'accepted', view: {} };
let keeps = true;
let pending = 0;

function workNow() {
  const changed = [];
  for (const segment of segments.values()) {
    if (isCorrected(segment) || segment.state !== 'open' || segment.comment) changed.push(segment);
  }
  return { digest: data.digest, segments: changed, gone: goneIds(), nextAdded, history, extras };
}

const goneIds = () => [...originals.keys()].filter((id) => !segments.has(id));

function takeWork(work) {
  // Back to what was found, then what a person did.
  for (const id of [...segments.keys()]) if (!originals.has(id)) put(id, null);
  for (const [id, segment] of found) put(id, segment);
  for (const segment of work.segments ?? []) put(segment.id, segment);
  for (const id of work.gone ?? []) put(id, null);
  nextAdded = work.nextAdded ?? 1;
  history.done = work.history?.done ?? [];
  history.undone = work.history?.undone ?? [];
  Object.assign(extras, work.extras ?? {});
}

function keepNow() {
  clearTimeout(pending);
  pending = 0;
  try {
    localStorage.setItem(STORE, JSON.stringify(workNow()));
    if (!keeps) warn('');
    keeps = true;
  } catch {
    keeps = false;
    warn('This browser keeps nothing for this page (private window, or storage is full): use Save … before you close it.');
  }
}

function keepSoon() {
  if (!pending) pending = setTimeout(keepNow, 250);
}

function takeKept() {
  let kept = null;
  try {
    kept = JSON.parse(localStorage.getItem(STORE) ?? 'null');
  } catch {
    keeps = false;
  }
  if (kept?.digest === data.digest) takeWork(kept);
}

// "" or what is wrong with a file that somebody wants to load.
function loadWork(text) {
  let work;
  try {
    work = JSON.parse(text);
  } catch {
    return 'The file is no work saved by this page; choose the .json that "Save the work" wrote.';
  }
  if (work?.digest !== data.digest || !Array.isArray(work.segments)) {
    return 'The work belongs to another page (other videos or segments); open that page and load it there.';
  }
  const fits = (s) => data.videos[s.video] && labels[s.label] && 0 <= s.start && s.start <= s.end && s.end < data.videos[s.video].frames;
  if (!work.segments.every(fits)) return 'The file holds segments that do not fit these videos; save the work anew where it was done.';
  takeWork(work);
  tellEdit([]);
  return '';
}

function forgetWork() {
  takeWork({});
  Object.assign(extras, { finished: {}, splits: {}, which: 'accepted' });
  tellEdit([]);
}

onEdit(keepSoon);
addEventListener('pagehide', keepNow);
document.addEventListener('visibilitychange', () => { if (document.hidden) keepNow(); });
addEventListener('beforeunload', (event) => { if (!keeps && history.done.length) event.preventDefault(); });
