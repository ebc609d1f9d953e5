// The video, or a clock where there is none; both tell the frame that is on show.
const player = {
  video: data.videos[0], frame: 0, playing: false, span: null, loop: false, speed: 1,
  clock: false, listeners: [], wanted: null, started: 0, offset: 0,
  shift: 0, // seconds by which the browser's clock of this file runs ahead of ours
  aligned: true, // whether that is known; until then nothing is sought
};
const screen = byId('video');
const onFrame = (listener) => player.listeners.push(listener);

function showFrame(frame) {
  player.frame = clamp(frame, 0, player.video.frames - 1);
  player.listeners.forEach((listener) => listener(player.frame));
}

function openVideo(number) {
  pause();
  player.video = data.videos[number];
  player.span = null;
  player.wanted = null;
  byId('trouble').hidden = true;
  useClock(!player.video.media);
  player.shift = 0;
  player.aligned = !player.video.media;
  if (player.video.media) screen.src = player.video.media;
  else screen.removeAttribute('src');
  screen.load();
  if (player.video.media) alignSoon(player.video);
  byId('video-select').value = number;
  player.frame = 0;
  seek(0);
}

function useClock(yes) {
  player.clock = yes;
  screen.hidden = yes;
}

// Where a file's first frame comes late, players disagree on what their clock shows then: the first
// frame that is on show, before anything was sought, tells what this one does.
function alignSoon(opened) {
  const align = (shift) => {
    if (player.aligned || player.video !== opened || player.clock) return;
    player.shift = shift;
    player.aligned = true;
    if (player.playing) screen.play().catch(pause);
    seek(player.frame);
  };
  if ('requestVideoFrameCallback' in screen) {
    screen.requestVideoFrameCallback((_now, facts) => align(facts.mediaTime - opened.mediaTimes[0]));
  }
  // A page in the background shows no frame; then the clock that stands at the first one tells.
  const ahead = () => Math.max(0, screen.currentTime - opened.mediaTimes[0]);
  const later = () => setTimeout(() => align(ahead()), 700);
  screen.addEventListener('loadeddata', later, { once: true });
}

// The middle of a frame, so that no rounding shows its neighbour.
function middleOf(frame) {
  const times = player.video.mediaTimes;
  const after = frame + 1 < times.length ? times[frame + 1] : times[frame] + 0.02;
  return (times[frame] + after) / 2 + player.shift;
}

function seek(frame) {
  const whole = clamp(Math.round(frame), 0, player.video.frames - 1);
  if (player.playing && player.clock) startClock(whole);
  if (!player.clock && player.aligned) {
    if (screen.seeking) player.wanted = whole;
    else screen.currentTime = middleOf(whole);
  }
  showFrame(whole);
}

screen.addEventListener('seeked', () => {
  // While somebody drags, only the last place asked for counts.
  if (player.wanted === null) return;
  const frame = player.wanted;
  player.wanted = null;
  screen.currentTime = middleOf(frame);
});

function play(span = null) {
  player.span = span;
  if (span && (player.frame < span[0] || player.frame >= span[1])) seek(span[0]);
  if (!span && player.frame >= player.video.frames - 1) seek(0);
  player.playing = true;
  if (player.clock) {
    startClock(player.frame);
    requestAnimationFrame(tick);
  } else {
    screen.playbackRate = player.speed;
    if (player.aligned) screen.play().catch(() => { if (!player.clock) pause(); });
    watch();
  }
  showPlaying();
}

function pause() {
  player.playing = false;
  if (!player.clock) screen.pause();
  showPlaying();
}

const togglePlay = () => (player.playing ? pause() : play());

function startClock(frame) {
  player.started = performance.now();
  player.offset = player.video.times[frame];
}

function tick(now) {
  if (!player.playing || !player.clock) return;
  const seconds = player.offset + ((now - player.started) / 1000) * player.speed;
  reached(frameAt(player.video.times, seconds), seconds >= player.video.end);
  requestAnimationFrame(tick);
}

let watching = false;
function watch() {
  if (watching) return;
  watching = true;
  const frames = 'requestVideoFrameCallback' in screen;
  const again = () => (frames ? screen.requestVideoFrameCallback(seen) : requestAnimationFrame(() => seen()));
  const seen = (_now, facts) => {
    if (!player.playing || player.clock) { watching = false; return; }
    if (!screen.seeking && player.wanted === null && player.aligned) {
      const seconds = (facts?.mediaTime ?? screen.currentTime) - player.shift;
      reached(frameAt(player.video.mediaTimes, seconds + 0.0005), false);
    }
    again();
  };
  again();
}

function reached(frame, over) {
  if (player.span && frame >= player.span[1]) {
    const [first, last] = player.span;
    if (player.loop) { seek(first); return; }
    pause();
    seek(last);
    return;
  }
  showFrame(frame);
  if (over) pause();
}

screen.addEventListener('ended', () => {
  if (player.span && player.loop) play(player.span);
  else pause();
});

screen.addEventListener('error', () => {
  if (!player.video.media) return;
  pause();
  useClock(true);
  const box = byId('trouble');
  const name = plainAddress(player.video.media.split('/').pop());
  const choose = make('input', { type: 'file', accept: 'video/*', id: 'choose-video' });
  choose.addEventListener('change', () => {
    if (!choose.files.length) return;
    player.video.media = URL.createObjectURL(choose.files[0]);
    openVideo(player.video.number);
  });
  const missing = screen.error?.code === 4 || screen.error?.code === 2;
  box.replaceChildren(
    make('p', {}, make('b', {}, `${name} cannot be played. `),
      missing ? 'It is not where it was when this page was written, or this browser does not know its kind.' : 'The browser cannot decode it.'),
    make('p', {}, 'Put it back to ', make('code', {}, plainAddress(new URL(player.video.media, document.baseURI).pathname)), ', or choose it: ', choose),
    make('p', {}, 'For a kind that browsers do not play, make a copy and choose that: ',
      make('code', {}, `ffmpeg -i "${name}" -fps_mode passthrough -c:v libx264 -pix_fmt yuv420p copy.mp4`)),
    make('p', {}, 'Until then the skeleton plays without its video; everything else works.'),
  );
  box.hidden = false;
  seek(player.frame);
});

function showPlaying() {
  const button = byId('play');
  byId('play-icon').setAttribute('d', player.playing ? 'M3 2h4v12H3zM9 2h4v12H9z' : 'M4 2v12l10-6z');
  button.setAttribute('aria-label', player.playing ? 'Pause' : 'Play');
}
