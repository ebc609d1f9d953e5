// The list: a listbox that holds only the rows in sight, so that thousands scroll as ten do.
const ROW = 46;
const list = byId('list');
let rows = [];
const elements = new Map(); // place -> row element
const MARK = { open: '', accepted: 'accepted', rejected: 'rejected' };

function stateWords(segment) {
  if (segment.state === 'rejected') return 'rejected';
  if (segment.added) return 'added';
  if (isCorrected(segment)) return 'corrected';
  if (segment.state === 'accepted') return 'accepted';
  return segment.uncertain ? 'uncertain' : '';
}

function spanWords(segment) {
  const video = data.videos[segment.video];
  const [start, end] = [startSeconds(video, segment.start), endSeconds(video, segment.end)];
  return `${clock(start)} – ${clock(end)} · ${(end - start).toFixed(2)} s`;
}

function rowOf(segment, place) {
  const { name, colour } = labels[segment.label];
  const sure = isRelabelled(segment) ? '' : percent(segment.confidence);
  const where = filter.all ? `${data.videos[segment.video].name} · ` : '';
  const row = make('div', {
    class: `row ${MARK[segment.state]}`, role: 'option', id: `row-${segment.id}`,
    'aria-selected': segment.id === selectedId, 'aria-setsize': rows.length, 'aria-posinset': place + 1,
    style: `position:absolute;left:0;right:0;top:${place * ROW}px`,
  },
  make('i', { style: `background:${colour};opacity:${sure ? 0.25 + 0.75 * segment.confidence : 1}` }),
  make('b', { title: name }, name), make('em', {}, sure),
  make('small', {}, where + spanWords(segment)), make('u', {}, stateWords(segment)));
  row.dataset.id = segment.id;
  return row;
}

function fillRows() {
  const first = Math.max(0, Math.floor(list.scrollTop / ROW) - 6);
  const last = Math.min(rows.length - 1, Math.ceil((list.scrollTop + list.clientHeight) / ROW) + 6);
  for (const [place, element] of elements) {
    if (place < first || place > last) { element.remove(); elements.delete(place); }
  }
  const fresh = document.createDocumentFragment();
  for (let place = first; place <= last; place++) {
    if (elements.has(place)) continue;
    const element = rowOf(rows[place], place);
    elements.set(place, element);
    fresh.append(element);
  }
  byId('list-rows').append(fresh);
}

function drawList() {
  rows = listed();
  byId('list-space').style.height = `${rows.length * ROW}px`;
  for (const element of elements.values()) element.remove();
  elements.clear();
  fillRows();
  const total = [...segments.values()].filter((s) => filter.all || s.video === player.video.number).length;
  byId('list-count').textContent = rows.length === total ? many(total, 'segment') : `${rows.length} of ${many(total, 'segment')}`;
  byId('list-empty').hidden = rows.length > 0;
  list.hidden = rows.length === 0;
  byId('list-empty').textContent = total ? 'No segment passes the filter; "Show all" takes it away.' : 'No segment here yet: N, or Shift + drag on the time line, adds one.';
  showActive();
}

function showActive() {
  const place = rows.findIndex((s) => s.id === selectedId);
  if (place < 0) list.removeAttribute('aria-activedescendant');
  else list.setAttribute('aria-activedescendant', `row-${selectedId}`);
  return place;
}

function scrollToSelected() {
  const place = showActive();
  if (place < 0) return;
  const [top, bottom] = [place * ROW, (place + 1) * ROW];
  if (top < list.scrollTop + ROW) list.scrollTop = Math.max(0, top - ROW);
  else if (bottom > list.scrollTop + list.clientHeight - ROW) list.scrollTop = bottom - list.clientHeight + ROW;
  fillRows();
}

list.addEventListener('scroll', fillRows, { passive: true });
new ResizeObserver(fillRows).observe(list);
list.addEventListener('click', (event) => {
  const row = event.target.closest('.row');
  if (row) select(row.dataset.id);
});

// The neighbour in the list's order; without a selection the first one at or after the play head.
function selectStep(by) {
  if (!rows.length) { say('No segment is shown'); return; }
  const place = rows.findIndex((s) => s.id === selectedId);
  if (place >= 0) { select(rows[clamp(place + by, 0, rows.length - 1)].id); return; }
  const ahead = rows.findIndex((s) => s.video === player.video.number && s.start >= player.frame);
  select(rows[by > 0 ? Math.max(ahead, 0) : (ahead < 0 ? rows.length : Math.max(ahead, 1)) - 1].id);
}

// After a verdict: the next one that nobody has looked at, round the end. `order` is the list as it
// was before the verdict, which may have filtered the judged one out.
function selectOpen(order, id) {
  const place = order.findIndex((s) => s.id === id);
  const turned = [...order.slice(place + 1), ...order.slice(0, Math.max(place, 0))];
  const open = turned.map((s) => segments.get(s.id)).find((s) => s?.state === 'open');
  if (open) select(open.id);
  else say('Nothing is left to look at in this list');
}
