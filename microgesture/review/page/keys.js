// Every key, what it does, and the table of them in the help.
const KEYS = [
  ['Space', 'play, pause', () => togglePlay(), [' ']],
  ['P', 'play the selected segment', () => actions.playSegment()],
  ['← →', 'one frame back, on (Shift: ten)', null],
  ['↓ ↑  or  J K', 'next, previous segment of the list', null],
  ['A', 'accept, and go to the next one to look at', () => actions.verdict('accepted')],
  ['R or Delete', 'reject; takes an added segment out', () => actions.verdict('rejected'), ['r', 'delete', 'backspace']],
  ['U', 'neither: to look at again', () => actions.verdict('open')],
  ['L', 'another class: type its number or a part of its name, Enter', () => actions.relabel()],
  ['S', 'take the second choice', () => actions.second()],
  ['D F', 'the start a frame earlier, later', null],
  ['G H', 'the end a frame earlier, later', null],
  ['I O', 'the start, the end at the play head', null],
  ['N', 'add a segment at the play head', () => actions.add()],
  ['Ctrl+Z  Ctrl+Y', 'undo, do again', null],
  ['+ − 0', 'time line: zoom in, out, the whole video', null],
  ['T B M', 'skeleton, crop, sound on or off', null],
  ['/', 'to the filter', () => byId('filter-class').focus()],
  ['Ctrl+S', 'save', null],
  ['?', 'these keys', () => openHelp(), ['?']],
];

const BY_KEY = {
  arrowleft: (event) => { pause(); seek(player.frame - (event.shiftKey ? 10 : 1)); },
  arrowright: (event) => { pause(); seek(player.frame + (event.shiftKey ? 10 : 1)); },
  arrowdown: () => selectStep(1), j: () => selectStep(1),
  arrowup: () => selectStep(-1), k: () => selectStep(-1),
  home: () => rows.length && select(rows[0].id), end: () => rows.length && select(rows.at(-1).id),
  d: () => actions.nudge('start', -1), f: () => actions.nudge('start', 1),
  g: () => actions.nudge('end', -1), h: () => actions.nudge('end', 1),
  i: () => actions.setEnd('start'), o: () => actions.setEnd('end'),
  '+': () => zoom(0.6), '=': () => zoom(0.6), '-': () => zoom(1 / 0.6), '−': () => zoom(1 / 0.6), 0: () => viewAll(),
  t: () => byId('show-skeleton').click(), b: () => byId('show-box').click(),
  m: () => byId('sound').click(),
  enter: () => actions.playSegment(),
};
for (const [name, , action, keys] of KEYS) {
  if (action) for (const key of keys ?? [name.toLowerCase()]) BY_KEY[key] = action;
}

function openHelp() {
  byId('help').showModal();
  byId('help-title').focus();
}

// Keys that a control needs for itself stay with it.
function belongsTo(target, key) {
  if (target.matches('input[type=text], input[type=number], select, textarea')) return true;
  if (target.matches('button, input, summary, a')) return [' ', 'enter'].includes(key);
  return false;
}

addEventListener('keydown', (event) => {
  if (document.querySelector('dialog[open]')) return;
  const key = event.key.toLowerCase();
  if ((event.ctrlKey || event.metaKey) && !event.altKey) {
    const command = { z: event.shiftKey ? actions.redo : actions.undo, y: actions.redo, s: openSave }[key];
    const typing = event.target.matches('input[type=text], input[type=number]') && key !== 's';
    if (!command || typing) return;
    event.preventDefault();
    command();
    return;
  }
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  if (key === 'escape' && belongsTo(event.target, key)) { list.focus(); return; }
  if (belongsTo(event.target, key)) {
    if (key === 'enter' && event.target.matches('input[type=text], input[type=number]')) { event.target.blur(); list.focus(); }
    return;
  }
  const action = BY_KEY[key];
  if (!action) return;
  event.preventDefault();
  action(event);
});

function fillKeys() {
  byId('keys').tBodies[0].append(...KEYS.map(([name, does]) => {
    const words = name.split(/(\s+or\s+|\s+)/).map((part) => (part.trim() && part.trim() !== 'or' ? make('kbd', {}, part) : part));
    return make('tr', {}, make('td', {}, ...words), make('td', {}, does));
  }));
}
