// Puts the parts together.
function showProgress() {
  const all = [...segments.values()];
  const done = all.filter((s) => s.state !== 'open').length;
  const bar = byId('progress');
  bar.setAttribute('aria-valuemax', all.length);
  bar.setAttribute('aria-valuenow', done);
  bar.setAttribute('aria-valuetext', `${done} of ${all.length}`);
  byId('progress-bar').style.width = `${all.length ? (100 * done) / all.length : 0}%`;
  byId('progress-text').textContent = `${done} of ${all.length} looked at`;
  byId('undo').disabled = !history.done.length;
  byId('redo').disabled = !history.undone.length;
}

function redrawAll() {
  layOut();
  drawList();
  drawInspector();
  showCurrent();
  showProgress();
  redrawLanes();
}

function ready() {
  document.title = data.title;
  byId('title').textContent = data.title;
  for (const video of data.videos) {
    const words = video.subject && video.subject !== video.name ? `${video.name} (${video.subject})` : video.name;
    byId('video-select').append(make('option', { value: video.number }, words));
  }
  byId('video-select').addEventListener('change', (event) => {
    selectedId = null;
    openFresh(Number(event.target.value));
  });
  fillFilters();
  fillLegend();
  fillKeys();
  readySaving();
  readInk();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { readInk(); redrawLanes(); });
  byId('autoplay').checked = !matchMedia('(prefers-reduced-motion: reduce)').matches;

  const on = (id, action) => byId(id).addEventListener('click', action);
  on('undo', actions.undo);
  on('redo', actions.redo);
  on('open-help', openHelp);
  on('open-save', openSave);
  on('play', togglePlay);
  on('back', () => { pause(); seek(player.frame - 1); });
  on('forward', () => { pause(); seek(player.frame + 1); });
  on('previous', () => selectStep(-1));
  on('next', () => selectStep(1));
  on('play-segment', actions.playSegment);
  on('add', actions.add);
  on('relabel', actions.relabel);
  on('accept', () => actions.verdict('accepted'));
  on('reject', () => actions.verdict('rejected'));
  on('second', actions.second);
  on('zoom-in', () => zoom(0.6));
  on('zoom-out', () => zoom(1 / 0.6));
  on('zoom-all', viewAll);
  byId('speed').addEventListener('change', (event) => {
    player.speed = Number(event.target.value);
    screen.playbackRate = player.speed;
    if (player.clock) startClock(player.frame);
  });
  byId('sound').addEventListener('change', (event) => { screen.muted = !event.target.checked; });
  byId('loop').addEventListener('change', (event) => { player.loop = event.target.checked; });
  for (const id of ['show-skeleton', 'show-box']) byId(id).addEventListener('change', drawStage);

  onFrame((frame) => {
    drawStage();
    showClock();
    showCurrent();
    followPlayhead(frame);
    const head = byId('playhead');
    head.setAttribute('aria-valuemax', player.video.frames - 1);
    head.setAttribute('aria-valuenow', frame);
    head.setAttribute('aria-valuetext', `${player.video.times[frame].toFixed(2)} seconds, frame ${frame}`);
    redrawLanes();
  });
  onEdit((ids) => {
    if (!segments.has(selectedId)) selectedId = null;
    // Undo shows what it changed, wherever that is.
    if (ids.length === 1 && segments.has(ids[0]) && selectedId !== ids[0] && segments.get(ids[0]).video === player.video.number) selectedId = ids[0];
    redrawAll();
    scrollToSelected();
  });
  new ResizeObserver(() => { drawStage(); redrawLanes(); }).observe(byId('stage'));
  if (!data.videos.length) { warn('There is no video in this page.'); return; }
  takeKept();
  openFresh(clamp(extras.view.video ?? 0, 0, data.videos.length - 1));
  list.focus();
}

function followPlayhead(frame) {
  if (!drag && (frame < view.from || frame >= view.to)) {
    const length = view.to - view.from;
    setView(frame - length * 0.1, frame + length * 0.9);
  }
}

// A video that is opened shows its first minute, or all of a shorter one.
function openFresh(number) {
  extras.view.video = number;
  openVideo(number);
  setView(0, Math.min(player.video.frames, framesPerSecond(player.video) * 60));
  redrawAll();
}

ready();
