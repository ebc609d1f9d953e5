// Mouse, pen and finger on the time line: move the play head, an end, the view; draw a segment.
let drag = null;
const REACH = 7; // pixels around an end

function placeOf(event) {
  const field = lanes.getBoundingClientRect();
  return { x: event.clientX - field.left, y: event.clientY - field.top };
}

// The segment under the pointer and which of its ends, if one is near. The selected one comes first.
function hit({ x, y }) {
  if (y < MAP + RULER) return null;
  const order = [...view.shown].sort((a, b) => (b.id === selectedId) - (a.id === selectedId));
  for (const segment of order) {
    const top = topOfRow(view.rowOf.get(segment.id));
    if (y < top || y > top + LANE) continue;
    const [left, right] = [xOf(segment.start), xOf(segment.end + 1)];
    const near = Math.min(REACH, Math.max(2, (right - left) / 3));
    if (Math.abs(x - left) <= near) return { segment, end: 'start' };
    if (Math.abs(x - right) <= near) return { segment, end: 'end' };
    if (x > left && x < right) return { segment, end: null };
  }
  return null;
}

lanes.addEventListener('pointerdown', (event) => {
  if (event.button) return;
  byId('playhead').focus({ preventScroll: true });
  lanes.setPointerCapture(event.pointerId);
  const place = placeOf(event);
  if (place.y < MAP) { drag = { kind: 'view' }; moveDrag(event); return; }
  const found = hit(place);
  if (event.shiftKey && !found) {
    const frame = clamp(Math.floor(frameOfX(place.x)), 0, player.video.frames - 1);
    select(null);
    drag = { kind: 'draw', anchor: frame };
    view.ghost = { start: frame, end: frame, label: lastLabel() };
  } else if (found?.end) {
    select(found.segment.id, { jump: false });
    drag = { kind: 'end', end: found.end, id: found.segment.id };
    pause();
    view.ghost = { start: found.segment.start, end: found.segment.end };
  } else if (found) {
    select(found.segment.id);
  } else {
    drag = { kind: 'scrub' };
    pause();
    moveDrag(event);
  }
  redrawLanes();
});

function moveDrag(event) {
  const { x } = placeOf(event);
  const frames = player.video.frames;
  if (drag.kind === 'view') {
    const middle = (x / fieldWidth()) * frames, half = (view.to - view.from) / 2;
    setView(middle - half, middle + half);
  } else if (drag.kind === 'scrub') {
    seek(Math.floor(frameOfX(x)));
  } else if (drag.kind === 'end') {
    // An end lies between two frames: the border nearest to the pointer.
    const border = clamp(Math.round(frameOfX(x)), 0, frames);
    if (drag.end === 'start') view.ghost.start = Math.min(border, view.ghost.end);
    else view.ghost.end = Math.max(border - 1, view.ghost.start);
    seek(view.ghost[drag.end]);
  } else {
    const frame = clamp(Math.floor(frameOfX(x)), 0, frames - 1);
    view.ghost.start = Math.min(frame, drag.anchor);
    view.ghost.end = Math.max(frame, drag.anchor);
    seek(frame);
  }
  redrawLanes();
}

lanes.addEventListener('pointermove', (event) => {
  if (drag) { moveDrag(event); return; }
  const found = hit(placeOf(event));
  lanes.style.cursor = found?.end ? 'ew-resize' : found ? 'pointer' : 'default';
  lanes.title = found ? `${labels[found.segment.label].name} ${percent(found.segment.confidence)}` : '';
});

function endDrag(commit) {
  if (!drag) return;
  const { kind, id } = drag, ghost = view.ghost;
  drag = view.ghost = null;
  if (commit && kind === 'end' && moveEnds(id, ghost.start, ghost.end)) sayEnds(id);
  redrawAll();
  if (commit && kind === 'draw' && ghost.end > ghost.start) addFrom(ghost.start, ghost.end);
}
lanes.addEventListener('pointerup', () => endDrag(true));
lanes.addEventListener('pointercancel', () => endDrag(false));

lanes.addEventListener('wheel', (event) => {
  event.preventDefault();
  const length = view.to - view.from;
  const sideways = event.shiftKey ? event.deltaY : event.deltaX;
  if (sideways) { const by = (sideways / fieldWidth()) * length; setView(view.from + by, view.to + by); redrawLanes(); }
  else zoom(Math.exp(clamp(event.deltaY, -200, 200) / 400), frameOfX(placeOf(event).x));
}, { passive: false });
