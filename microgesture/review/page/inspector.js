// The selected segment: what it is, its ends, the verdict.
function select(id, { jump = true } = {}) {
  selectedId = id;
  const segment = segments.get(id);
  if (!segment) { redrawAll(); return; }
  if (segment.video !== player.video.number) openFresh(segment.video);
  redrawAll();
  bringIntoView(segment.start, segment.end);
  scrollToSelected();
  if (jump) {
    if (byId('autoplay').checked) { pause(); seek(segment.start); play([segment.start, segment.end]); }
    else { pause(); seek(segment.start); }
  }
  say(segmentWords(segment));
}

function segmentWords(segment) {
  const video = data.videos[segment.video];
  const place = rows.findIndex((s) => s.id === segment.id);
  const sure = segment.confidence !== null && !isRelabelled(segment) ? `, ${percent(segment.confidence)} sure` : '';
  const seconds = `${startSeconds(video, segment.start).toFixed(2)} to ${endSeconds(video, segment.end).toFixed(2)} seconds`;
  return `${place + 1} of ${rows.length}: ${labels[segment.label].name}, ${seconds}${sure}${stateWords(segment) ? `, ${stateWords(segment)}` : ''}`;
}

function sayEnds(id) {
  const { start, end } = segments.get(id);
  say(`Frames ${start} to ${end}`);
}

function drawInspector() {
  const segment = segments.get(selectedId);
  byId('nothing-selected').hidden = Boolean(segment);
  byId('selected').hidden = !segment;
  if (!segment) return;
  const video = data.videos[segment.video];
  const { name, colour } = labels[segment.label];
  byId('class-name').textContent = `${segment.label} ${name}`;
  byId('relabel').setAttribute('aria-label', `Class ${name}, choose another`);
  byId('relabel').querySelector('.swatch').style.background = colour;
  const guess = [];
  const found = originals.get(segment.id);
  if (segment.added) guess.push('Added by hand.');
  else if (found.label !== segment.label) guess.push(`Found as ${labelName(found.label)}.`);
  if (!segment.added && segment.confidence !== null) guess.push(`${percent(segment.confidence)} sure`);
  if (segment.second !== null && segment.second !== undefined) guess.push(`second choice ${labelName(segment.second)} ${percent(segment.secondConfidence)}`);
  if (segment.uncertain) guess.push('uncertain');
  byId('guess').textContent = guess.join(' · ');
  for (const key of ['start', 'end']) {
    byId(key).max = video.frames - 1;
    if (document.activeElement !== byId(key)) byId(key).value = segment[key];
  }
  byId('start-seconds').textContent = clock(startSeconds(video, segment.start), 3);
  byId('end-seconds').textContent = clock(endSeconds(video, segment.end), 3);
  if (document.activeElement !== byId('comment')) byId('comment').value = segment.comment;
  byId('accept').setAttribute('aria-pressed', segment.state === 'accepted');
  byId('reject').setAttribute('aria-pressed', segment.state === 'rejected');
  byId('second').disabled = !canTakeSecond(segment);
}

const canTakeSecond = (segment) => segment.second !== null && segment.second !== BACKGROUND && segment.second !== segment.label;

function lastLabel() {
  return segments.get(selectedId)?.label ?? Number(extras.view.label ?? 0);
}

// The class first: who closes the picker without one has added nothing.
function addFrom(start, end) {
  const video = player.video.number;
  if (selectedId !== null) select(null);
  view.ghost = { start, end, label: lastLabel() };
  redrawLanes();
  chooseClass('Class of the new segment', lastLabel(), null, (label) => {
    extras.view.label = label;
    const id = addSegment(video, start, end, label);
    select(id, { jump: false });
    say(`Added: ${segmentWords(segments.get(id))}`);
  });
}

const actions = {
  verdict(state) {
    const id = selectedId;
    if (!segments.has(id)) { say('No segment is selected'); return; }
    const order = [...rows];
    setState(id, state);
    if (state === 'open') say('To look at again');
    else selectOpen(order, id);
  },
  relabel() {
    const segment = segments.get(selectedId);
    if (!segment) { say('No segment is selected'); return; }
    chooseClass('Another class', segment.label, segment.second, (label) => {
      extras.view.label = label;
      relabel(segment.id, label);
      say(`${labelName(label)}`);
    });
  },
  second() {
    const segment = segments.get(selectedId);
    if (!segment || !canTakeSecond(segment)) { say('There is no second choice to take'); return; }
    relabel(segment.id, segment.second);
    say(labelName(segment.second));
  },
  nudge(end, by) {
    const segment = segments.get(selectedId);
    if (!segment) { say('No segment is selected'); return; }
    const moved = { start: segment.start, end: segment.end };
    moved[end] += by;
    if (moveEnds(segment.id, moved.start, moved.end)) { pause(); seek(segments.get(segment.id)[end]); sayEnds(segment.id); }
    else say('It cannot go further');
  },
  setEnd(end) {
    const segment = segments.get(selectedId);
    if (!segment || segment.video !== player.video.number) { say('No segment of this video is selected'); return; }
    const moved = { start: segment.start, end: segment.end, [end]: player.frame };
    if (moved.start > moved.end) { say('The start would lie behind the end'); return; }
    if (moveEnds(segment.id, moved.start, moved.end)) sayEnds(segment.id);
  },
  add() {
    const second = Math.max(1, Math.round(framesPerSecond(player.video)));
    pause();
    addFrom(player.frame, Math.min(player.frame + second, player.video.frames - 1));
  },
  undo() { const entry = undo(); say(entry ? `Undone: ${entry.words}` : 'Nothing to undo'); },
  redo() { const entry = redo(); say(entry ? `Done again: ${entry.words}` : 'Nothing to do again'); },
  playSegment() {
    const segment = segments.get(selectedId);
    if (!segment) { say('No segment is selected'); return; }
    seek(segment.start);
    play([segment.start, segment.end]);
  },
};

for (const key of ['start', 'end']) {
  byId(key).addEventListener('change', (event) => {
    const segment = segments.get(selectedId);
    const frame = Number(event.target.value);
    const moved = { start: segment.start, end: segment.end, [key]: frame };
    if (event.target.value === '' || !Number.isInteger(frame) || moved.start > moved.end || frame < 0 || frame >= player.video.frames) {
      say(`Write a frame from ${key === 'start' ? 0 : segment.start} to ${key === 'start' ? segment.end : player.video.frames - 1}`);
      event.target.value = segment[key];
      return;
    }
    moveEnds(segment.id, moved.start, moved.end);
    pause();
    seek(frame);
  });
}
byId('comment').addEventListener('change', (event) => change(selectedId, { comment: event.target.value.trim() }, 'comment'));
