// Skeleton and crop over the video, and what is said to happen.
const overlay = byId('overlay');
const LOWEST_SCORE = 0.05;
const FALLBACK = '#3ddbb0';

function drawStage() {
  const video = player.video;
  const ratio = devicePixelRatio || 1;
  const [wide, tall] = [overlay.clientWidth, overlay.clientHeight];
  if (overlay.width !== Math.round(wide * ratio) || overlay.height !== Math.round(tall * ratio)) {
    overlay.width = Math.round(wide * ratio);
    overlay.height = Math.round(tall * ratio);
  }
  const pen = overlay.getContext('2d');
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, wide, tall);
  const [width, height] = [video.width || 320, video.height || 240];
  const scale = Math.min(wide / width, tall / height);
  if (!(scale > 0)) return;
  // A pixel's centre is at +0.5.
  const x = (value) => (wide - width * scale) / 2 + (value + 0.5) * scale;
  const y = (value) => (tall - height * scale) / 2 + (value + 0.5) * scale;
  const box = byId('show-box').checked ? boxAt(video, player.frame) : null;
  if (box) {
    pen.strokeStyle = '#f0e442';
    pen.lineWidth = 2;
    pen.strokeRect(x(box[0]), y(box[1]), (box[2] - box[0]) * scale, (box[3] - box[1]) * scale);
  }
  if (byId('show-skeleton').checked && video.joints) drawSkeleton(pen, video, x, y, Math.max(1.6, height * scale / 190));
}

function drawSkeleton(pen, video, x, y, thick) {
  const points = pointsAt(video, player.frame);
  pen.lineCap = 'round';
  for (const rim of [true, false]) {
    video.edges.forEach(([child, parent], place) => {
      const [a, b] = [points[child], points[parent]];
      const sure = Math.min(a[2], b[2]);
      if (sure < LOWEST_SCORE) return;
      const length = Math.hypot(x(a[0]) - x(b[0]), y(a[1]) - y(b[1]));
      const width = length < 9 * thick ? thick * 0.6 : thick; // fingers and faces
      pen.globalAlpha = Math.min(1, 0.25 + sure);
      pen.strokeStyle = rim ? '#12161cb0' : video.colours[place] ?? FALLBACK;
      pen.lineWidth = width + (rim ? 1.6 : 0);
      pen.beginPath();
      pen.moveTo(x(a[0]), y(a[1]));
      pen.lineTo(x(b[0]), y(b[1]));
      pen.stroke();
    });
  }
  pen.globalAlpha = 1;
}

function showCurrent() {
  const now = allSegments().filter((s) => s.video === player.video.number && s.start <= player.frame && player.frame <= s.end);
  const words = now.map((s) => {
    const line = make('span', { class: s.state, style: `border-color:${labels[s.label].colour}` }, labels[s.label].name);
    if (!isRelabelled(s) && s.confidence !== null) line.append(` ${percent(s.confidence)}`);
    return line;
  });
  byId('current').replaceChildren(...(byId('trouble').hidden ? words : []));
}

function showClock() {
  const video = player.video;
  byId('clock').textContent = `${clock(video.times[player.frame])} / ${clock(video.end)}  ·  frame ${player.frame} of ${video.frames - 1}`;
}
