// What is saved as tables: clips.tsv and videos.tsv as the workflow reads them, and csv.
const isChosen = (segment) => (extras.which === 'kept' ? segment.state !== 'rejected' : segment.state === 'accepted');
const chosenSegments = () => allSegments().filter(isChosen);
const splitOf = (video) => extras.splits[video.name] ?? 'train';

function clipIds(chosen) {
  // Of the video and the frames, so that the same clip has the same name when it is saved again.
  const seen = new Map();
  return chosen.map((segment) => {
    const id = `${data.videos[segment.video].name}_f${segment.start}_${segment.end}`;
    const times = (seen.get(id) ?? 0) + 1;
    seen.set(id, times);
    return times > 1 ? `${id}_${times}` : id;
  });
}

const tsv = (rows) => rows.map((row) => row.map((cell) => String(cell).replace(/[\t\r\n]+/g, ' ')).join('\t')).join('\n') + '\n';
const csvCell = (cell) => (/[",\r\n]/.test(String(cell)) ? `"${String(cell).replaceAll('"', '""')}"` : String(cell));
const csv = (rows) => rows.map((row) => row.map(csvCell).join(',')).join('\n') + '\n';

function clipsTable() {
  const chosen = chosenSegments();
  const ids = clipIds(chosen);
  return tsv([
    ['clip', 'video', 'start', 'end', 'label', 'split'],
    ...chosen.map((segment, place) => {
      const video = data.videos[segment.video], split = splitOf(video);
      return [ids[place], video.name, segment.start, segment.end, split === 'unlabelled' ? '' : segment.label, split];
    }),
  ]);
}

// The rows of videos.tsv as they were, `annotated` filled in where a person has finished.
function videosTable() {
  const columns = ['video', 'path', 'subject'];
  for (const video of data.videos) for (const key of Object.keys(video.row)) if (!columns.includes(key)) columns.push(key);
  if (!columns.includes('annotated')) columns.push('annotated');
  return tsv([columns, ...data.videos.map((video) => {
    const row = { video: video.name, path: plainAddress(video.source), subject: video.subject, ...video.row };
    if (extras.finished[video.name]) row.annotated = 'yes';
    return columns.map((column) => row[column] ?? '');
  })]);
}

function segmentsTable(unit) {
  const seconds = unit === 'seconds';
  const round = (value) => Number(value.toFixed(6));
  const rows = chosenSegments().map((segment) => {
    const video = data.videos[segment.video];
    const ends = [segment.start, segment.end];
    if (seconds) {
      const [start, end] = [startSeconds(video, segment.start), endSeconds(video, segment.end)];
      ends.splice(0, 2, round(start), round(end), round(end - start));
    }
    const { confidence, second } = foundFacts(segment);
    return [
      video.name, plainAddress(video.source), video.subject, ...ends, labels[segment.label].name,
      confidence ?? '', second, segment.comment, stateWords(segment) || 'open',
    ];
  });
  const ends = seconds ? ['start', 'end', 'duration'] : ['start', 'end'];
  return csv([['video', 'path', 'subject', ...ends, 'class', 'confidence', 'second', 'comment', 'state'], ...rows]);
}

// Confidence and second choice, where the class is still the one that was found.
function foundFacts(segment) {
  if (isRelabelled(segment)) return { confidence: null, second: '' };
  const second = segment.second === null || segment.second === BACKGROUND ? '' : labelName(segment.second);
  return { confidence: segment.confidence, second };
}

// What the workflow would say to the tables: better said here.
function saveNotes() {
  const chosen = chosenSegments(), notes = [];
  if (!chosen.length) notes.push('No segment is chosen: accept some first, or take all but the rejected ones.');
  const splits = new Map();
  for (const video of data.videos) {
    if (!video.subject || splitOf(video) === 'unlabelled' || !chosen.some((s) => s.video === video.number)) continue;
    const before = splits.get(video.subject);
    if (before && before !== splitOf(video)) notes.push(`${video.subject} would be in ${before} and in ${splitOf(video)}: one person belongs to one split.`);
    splits.set(video.subject, splitOf(video));
  }
  const trained = new Set(chosen.filter((s) => splitOf(data.videos[s.video]) === 'train').map((s) => s.label));
  const bare = labels.filter(({ label }) => !trained.has(label));
  if (trained.size && bare.length) notes.push(`${many(bare.length, 'class').replace(/classs$/, 'classes')} of ${labels.length} without a training clip here: put these rows below those of the clips.tsv that you have.`);
  return notes;
}
