// ELAN files (.eaf, format 3.0) with the tiers that the workflow's own exports have.
const EAF_SCHEMA = 'http://www.mpi.nl/tools/elan/EAFv3.0.xsd';
const XSI = 'http://www.w3.org/2001/XMLSchema-instance';
const CONSTRAINTS = {
  Time_Subdivision: 'Divides the time of the parent annotation without gaps',
  Symbolic_Subdivision: 'Divides the parent annotation in order, without times',
  Symbolic_Association: 'Belongs to one parent annotation',
  Included_In: 'Lies within the time of the parent annotation, gaps are allowed',
};
const REMARKS = ['confidence', 'second choice', 'comment'];
const MIMES = { mp4: 'video/mp4', m4v: 'video/mp4', mov: 'video/quicktime', mpg: 'video/mpeg' };
// eslint-disable-next-line no-control-regex
const cleanXml = (text) => text.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, ' ');

function milliseconds(video, segment) {
  const first = Math.max(Math.round(startSeconds(video, segment.start) * 1000), 0);
  return [first, Math.max(Math.round(endSeconds(video, segment.end) * 1000), first + 1)];
}

function elanLayers(video, list) {
  // A tier cannot hold two things at once.
  const layers = [];
  for (const segment of list) {
    const [start] = milliseconds(video, segment);
    const layer = layers.find((one) => milliseconds(video, one.at(-1))[1] <= start);
    if (layer) layer.push(segment); else layers.push([segment]);
  }
  return layers.length ? layers : [[]];
}

function elanDocument(video) {
  const doc = document.implementation.createDocument(null, 'ANNOTATION_DOCUMENT', null);
  const root = doc.documentElement;
  const add = (parent, tag, attributes = {}, text = null) => {
    const element = doc.createElementNS(null, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, cleanXml(String(value)));
    if (text !== null) element.textContent = cleanXml(text);
    parent.append(element);
    return element;
  };
  const made = new Date().toISOString().replace(/\.\d+Z$/, '+00:00');
  for (const [name, value] of Object.entries({ AUTHOR: 'microgesture', DATE: made, FORMAT: '3.0', VERSION: '3.0' })) root.setAttribute(name, value);
  root.setAttributeNS('http://www.w3.org/2000/xmlns/', 'xmlns:xsi', XSI);
  root.setAttributeNS(XSI, 'xsi:noNamespaceSchemaLocation', EAF_SCHEMA);
  const header = add(root, 'HEADER', { MEDIA_FILE: '', TIME_UNITS: 'milliseconds' });
  if (video.source) {
    const url = new URL(video.source, document.baseURI);
    const name = plainAddress(url.pathname.split('/').pop());
    add(header, 'MEDIA_DESCRIPTOR', {
      MEDIA_URL: `file://${plainAddress(url.pathname)}`,
      MIME_TYPE: MIMES[name.split('.').pop().toLowerCase()] ?? 'video/*',
      RELATIVE_MEDIA_URL: `./${name}`,
    });
  }
  add(header, 'PROPERTY', { NAME: 'URN' }, video.urn);
  const last = add(header, 'PROPERTY', { NAME: 'lastUsedAnnotationId' });
  const order = add(root, 'TIME_ORDER');
  const ends = [];
  let count = 0;
  const person = video.subject || video.name;
  const tier = (name, kind, parent) => add(root, 'TIER', { LINGUISTIC_TYPE_REF: kind, PARTICIPANT: person, TIER_ID: name, ...(parent ? { PARENT_REF: parent } : {}) });
  elanLayers(video, chosenSegments().filter((s) => s.video === video.number)).forEach((layer, number) => {
    const suffix = number ? `-${number + 1}` : '';
    const name = `gesture${suffix}@${person}`;
    const own = tier(name, 'gesture');
    const ids = layer.map((segment) => {
      const id = `a${++count}`;
      const annotation = add(add(own, 'ANNOTATION'), 'ALIGNABLE_ANNOTATION', { ANNOTATION_ID: id, CVE_REF: `cveid${segment.label}` });
      add(annotation, 'ANNOTATION_VALUE', {}, labels[segment.label].name);
      milliseconds(video, segment).forEach((time, side) => ends.push({ time, side, annotation }));
      return id;
    });
    for (const kind of REMARKS) {
      const said = layer.map((segment, place) => [ids[place], segment, elanRemark(kind, segment)]).filter(([, , words]) => words !== '');
      if (!said.length) continue;
      const below = tier(`${kind}${suffix}@${person}`, kind, name);
      for (const [parent, segment, words] of said) {
        const annotation = add(add(below, 'ANNOTATION'), 'REF_ANNOTATION', { ANNOTATION_ID: `a${++count}`, ANNOTATION_REF: parent });
        if (kind === 'second choice') annotation.setAttribute('CVE_REF', `cveid${segment.second}`);
        add(annotation, 'ANNOTATION_VALUE', {}, words);
      }
    }
  });
  last.textContent = String(count);
  // At one time, first what ends.
  ends.sort((a, b) => a.time - b.time || b.side - a.side);
  ends.forEach(({ time, side, annotation }, place) => {
    annotation.setAttribute(`TIME_SLOT_REF${side + 1}`, `ts${place + 1}`);
    add(order, 'TIME_SLOT', { TIME_SLOT_ID: `ts${place + 1}`, TIME_VALUE: time });
  });
  elanTypes(root, add);
  indent(doc, root, '\n');
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(root)}\n`;
}

function elanRemark(kind, segment) {
  const { confidence, second } = foundFacts(segment);
  if (kind === 'comment') return segment.comment;
  if (kind === 'second choice') return second;
  return confidence === null ? '' : confidence.toFixed(4);
}

function elanTypes(root, add) {
  for (const kind of ['gesture', ...REMARKS]) {
    add(root, 'LINGUISTIC_TYPE', {
      GRAPHIC_REFERENCES: 'false', LINGUISTIC_TYPE_ID: kind, TIME_ALIGNABLE: kind === 'gesture',
      ...(kind === 'gesture' ? {} : { CONSTRAINTS: 'Symbolic_Association' }),
      ...(kind === 'gesture' || kind === 'second choice' ? { CONTROLLED_VOCABULARY_REF: 'gestures' } : {}),
    });
  }
  add(root, 'LANGUAGE', { LANG_ID: 'und', LANG_DEF: 'http://cdb.iso.org/lg/CDB-00130975-001', LANG_LABEL: 'undetermined (und)' });
  for (const [STEREOTYPE, DESCRIPTION] of Object.entries(CONSTRAINTS)) add(root, 'CONSTRAINT', { STEREOTYPE, DESCRIPTION });
  const vocabulary = add(root, 'CONTROLLED_VOCABULARY', { CV_ID: 'gestures' });
  add(vocabulary, 'DESCRIPTION', { LANG_REF: 'und' }, 'The classes of the sheets');
  for (const { label, name, description } of labels) {
    const entry = add(vocabulary, 'CV_ENTRY_ML', { CVE_ID: `cveid${label}` });
    add(entry, 'CVE_VALUE', { LANG_REF: 'und', DESCRIPTION: description }, name);
  }
}

function indent(doc, element, before) {
  const inner = [...element.children];
  if (!inner.length) return;
  for (const child of inner) {
    element.insertBefore(doc.createTextNode(`${before}    `), child);
    indent(doc, child, `${before}    `);
  }
  element.append(doc.createTextNode(before));
}
