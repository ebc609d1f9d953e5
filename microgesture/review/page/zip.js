// A zip without compression: several files in one download (APPNOTE.TXT 6.3.9, names in UTF-8).
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, number) => {
  let value = number;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function crc32(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) value = (value >>> 8) ^ CRC_TABLE[(value ^ byte) & 0xff];
  return (value ^ 0xffffffff) >>> 0;
}

// files: [[name, text], ...] -> Blob
function zipOf(files) {
  const encoder = new TextEncoder();
  const numbers = (...pairs) => {
    const bytes = new DataView(new ArrayBuffer(pairs.reduce((sum, [size]) => sum + size, 0)));
    let at = 0;
    for (const [size, value] of pairs) {
      if (size === 2) bytes.setUint16(at, value, true); else bytes.setUint32(at, value, true);
      at += size;
    }
    return bytes.buffer;
  };
  const parts = [], central = [];
  const now = new Date();
  const time = (now.getHours() << 11) | (now.getMinutes() << 5) | (now.getSeconds() >> 1);
  const day = ((now.getFullYear() - 1980) << 9) | ((now.getMonth() + 1) << 5) | now.getDate();
  let offset = 0, centralSize = 0;
  for (const [name, text] of files) {
    const [path, body] = [encoder.encode(name), encoder.encode(text)];
    const facts = [[2, 20], [2, 0x800], [2, 0], [2, time], [2, day], [4, crc32(body)], [4, body.length], [4, body.length], [2, path.length], [2, 0]];
    const local = numbers([4, 0x04034b50], ...facts);
    parts.push(local, path, body);
    const entry = numbers([4, 0x02014b50], [2, 20], ...facts, [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]);
    central.push(entry, path);
    offset += local.byteLength + path.length + body.length;
    centralSize += entry.byteLength + path.length;
  }
  const end = numbers([4, 0x06054b50], [2, 0], [2, 0], [2, files.length], [2, files.length], [4, centralSize], [4, offset], [2, 0]);
  return new Blob([...parts, ...central, end], { type: 'application/zip' });
}
