// The dialog that writes files, and the state of every video in it.
function download(name, content, type = 'text/plain') {
  const blob = content instanceof Blob ? content : new Blob([content], { type: `${type};charset=utf-8` });
  const link = make('a', { href: URL.createObjectURL(blob), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 20000);
  say(`${name} saved`);
}

const SPLITS = ['train', 'val', 'test', 'unlabelled'];

function openSave() {
  pause();
  const body = byId('save-videos').tBodies[0];
  body.replaceChildren(...data.videos.map((video) => {
    const split = make('select', { 'aria-label': `Split of ${video.name}` }, ...SPLITS.map((name) => make('option', {}, name)));
    split.value = splitOf(video);
    split.addEventListener('change', () => { extras.splits[video.name] = split.value; saveChanged(); });
    const finished = make('input', { type: 'checkbox', 'aria-label': `${video.name} is finished: everything that happens in it has a segment` });
    finished.checked = Boolean(extras.finished[video.name]);
    finished.addEventListener('change', () => { extras.finished[video.name] = finished.checked; saveChanged(); });
    return make('tr', {}, make('td', {}, video.name), make('td', {}, video.subject), make('td', { 'data-video': video.number }), make('td', {}, split), make('td', {}, finished));
  }));
  document.querySelector(`input[name=which][value=${extras.which}]`).checked = true;
  saveChanged();
  byId('save').showModal();
  byId('save-title').focus();
}

function saveChanged() {
  keepSoon();
  const all = allSegments();
  byId('count-accepted').textContent = all.filter((s) => s.state === 'accepted').length;
  byId('count-kept').textContent = all.filter((s) => s.state !== 'rejected').length;
  const chosen = chosenSegments();
  for (const cell of byId('save-videos').querySelectorAll('[data-video]')) {
    cell.textContent = chosen.filter((s) => s.video === Number(cell.dataset.video)).length;
  }
  const splits = new Set(data.videos.map(splitOf));
  byId('save-split').value = splits.size === 1 ? [...splits][0] : '';
  byId('save-notes').replaceChildren(...saveNotes().map((words) => make('li', {}, words)));
}

function everything() {
  return [
    ['clips.tsv', clipsTable()], ['videos.tsv', videosTable()],
    ['segments_frames.csv', segmentsTable('frames')], ['segments_seconds.csv', segmentsTable('seconds')],
    ...data.videos.map((video) => [`elan/${video.name}.eaf`, elanDocument(video)]),
    ['work.json', JSON.stringify(workNow())],
  ];
}

function readySaving() {
  const on = (id, action) => byId(id).addEventListener('click', action);
  on('save-zip', () => download('review.zip', zipOf(everything())));
  on('save-clips', () => download('clips.tsv', clipsTable(), 'text/tab-separated-values'));
  on('save-sheet', () => download('videos.tsv', videosTable(), 'text/tab-separated-values'));
  on('save-eaf', () => download(`${player.video.name}.eaf`, elanDocument(player.video), 'application/xml'));
  on('save-frames', () => download('segments_frames.csv', segmentsTable('frames'), 'text/csv'));
  on('save-seconds', () => download('segments_seconds.csv', segmentsTable('seconds'), 'text/csv'));
  on('save-work', () => download('work.json', JSON.stringify(workNow()), 'application/json'));
  on('forget-work', () => {
    if (!confirm('Forget everything that was done on this page? There is no undo.')) return;
    forgetWork();
    byId('save').close();
  });
  byId('load-work').addEventListener('change', async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    const wrong = loadWork(await file.text());
    event.target.value = '';
    if (wrong) byId('save-notes').replaceChildren(make('li', {}, wrong));
    else { byId('save').close(); say('The work is loaded'); }
  });
  byId('save-split').addEventListener('change', (event) => {
    for (const video of data.videos) extras.splits[video.name] = event.target.value;
    openSaveRows(event.target.value);
  });
  for (const radio of document.querySelectorAll('input[name=which]')) {
    radio.addEventListener('change', () => { extras.which = radio.value; saveChanged(); });
  }
}

function openSaveRows(split) {
  for (const choice of byId('save-videos').querySelectorAll('select')) choice.value = split;
  saveChanged();
}
