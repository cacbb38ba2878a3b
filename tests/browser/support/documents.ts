import { random } from './random.ts';

/** A sound as WAV has it: 48,000 samples a second, two channels of 16 bits, noise. */
export function wav(seconds: number): Buffer {
  const [rate, channels, bytes] = [48_000, 2, 2];
  const sound = random('a sound').bytes(seconds * rate * channels * bytes);
  // Soft, should anybody listen.
  for (let at = 1; at < sound.length; at += 2) sound[at] = ((sound[at]! << 24) >> 29) & 0xff;
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + sound.length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(channels, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate * channels * bytes, 28);
  head.writeUInt16LE(channels * bytes, 32);
  head.writeUInt16LE(bytes * 8, 34);
  head.write('data', 36);
  head.writeUInt32LE(sound.length, 40);
  return Buffer.concat([head, sound]);
}

/** A PDF of so many pages, with a heading, bars and a paragraph each; it tries to run a script and to open an address, as one that a stranger wrote. */
export function pdf(pages: number): Buffer {
  const objects: string[] = [];
  const add = (body: string): number => objects.push(body);
  const stream = (text: string): string => `<< /Length ${text.length} >>\nstream\n${text}\nendstream`;
  // The catalog and the list of pages come first, so their numbers are known.
  add('');
  add('');
  const font = add('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>');
  const kids = Array.from({ length: pages }, (_, at) => {
    const lines = Array.from({ length: 12 }, (_, line) => `(Line ${line + 1} of the yearly figures, as they were told in spring.) '`).join(' ');
    const bars = Array.from({ length: 8 }, (_, bar) => `0.${2 + bar} 0.4 0.6 rg ${60 + bar * 58} 130 40 ${40 + ((bar + at) % 4) * 45} re f`).join(' ');
    const content = add(stream(`BT /F1 28 Tf 60 760 Td (Page ${at + 1}) Tj ET BT /F1 12 Tf 18 TL 60 720 Td ${lines} ET ${bars}`));
    const link = add('<< /Type /Annot /Subtype /Link /Rect [0 0 595 842] /A << /S /URI /URI (https://example.org/) >> >>');
    return add(`<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents ${content} 0 R /Annots [${link} 0 R] /Resources << /Font << /F1 ${font} 0 R >> >> >>`);
  });
  objects[0] = '<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (app.alert\\(1\\);) >> >>';
  objects[1] = `<< /Type /Pages /Count ${pages} /Kids [${kids.map((kid) => `${kid} 0 R`).join(' ')}] >>`;
  let file = '%PDF-1.7\n';
  const starts = objects.map((body, at) => {
    const start = file.length;
    file += `${at + 1} 0 obj\n${body}\nendobj\n`;
    return start;
  });
  const table = file.length;
  file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${starts.map((start) => `${String(start).padStart(10, '0')} 00000 n \n`).join('')}`;
  return Buffer.from(`${file}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${table}\n%%EOF\n`, 'latin1');
}
