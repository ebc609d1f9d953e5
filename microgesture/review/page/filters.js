// Which segments the list and the time line show, and the one that is selected.
const filter = { label: '', state: '', from: 0, to: 100, all: false, order: 'time' };
let selectedId = null;

function passes(segment) {
  if (filter.label !== '' && segment.label !== Number(filter.label)) return false;
  if (filter.state === 'corrected' && !isCorrected(segment)) return false;
  if (filter.state === 'uncertain' && !(segment.uncertain && segment.state === 'open')) return false;
  if (['open', 'accepted', 'rejected'].includes(filter.state) && segment.state !== filter.state) return false;
  if (segment.confidence === null) return filter.to >= 100;
  const sure = segment.confidence * 100;
  return sure >= filter.from - 1e-9 && sure <= filter.to + 1e-9;
}

function listed() {
  const found = allSegments().filter((s) => (filter.all || s.video === player.video.number) && passes(s));
  const sure = (s) => s.confidence ?? 2;
  return filter.order === 'unsure' ? found.sort((a, b) => sure(a) - sure(b)) : found;
}

function fillFilters() {
  const choice = byId('filter-class');
  choice.append(make('option', { value: '' }, 'all'));
  for (const { label, name } of labels) choice.append(make('option', { value: label }, `${label} ${name}`));
  byId('all-videos-label').hidden = data.videos.length < 2;
  for (const [id, key] of [['filter-class', 'label'], ['filter-state', 'state'], ['filter-order', 'order']]) {
    byId(id).addEventListener('change', (event) => { filter[key] = event.target.value; showFiltered(); });
  }
  for (const [id, key, empty] of [['filter-from', 'from', 0], ['filter-to', 'to', 100]]) {
    byId(id).addEventListener('input', (event) => {
      filter[key] = event.target.value === '' ? empty : Number(event.target.value);
      showFiltered();
    });
  }
  byId('filter-all').addEventListener('change', (event) => { filter.all = event.target.checked; showFiltered(); });
  byId('filter-clear').addEventListener('click', clearFilters);
}

function clearFilters() {
  Object.assign(filter, { label: '', state: '', from: 0, to: 100 });
  byId('filter-class').value = byId('filter-state').value = '';
  byId('filter-from').value = 0;
  byId('filter-to').value = 100;
  showFiltered();
}

function showFiltered() {
  redrawAll();
  say(`${many(listed().length, 'segment')} shown`);
}
