/** A QR code as the path of a drawing. */

export interface Code { /** Modules a side, with the quiet border. */ size: number; path: string }

/** The modules that are dark, row by row, each run as one bar. Medium correction: a fold in the paper does no harm. */
export async function qrCode(text: string): Promise<Code> {
  const { encodeQR } = await import('qr');
  const rows = encodeQR(text, 'raw', { ecc: 'medium', border: 4 });
  return { size: rows.length, path: rows.map((row, y) => bars(row, y)).join('') };
}

function bars(row: readonly boolean[], y: number): string {
  let path = '';
  for (let x = 0; x < row.length; x += 1) {
    if (!row[x]) continue;
    const start = x;
    while (row[x + 1]) x += 1;
    path += `M${start} ${y}h${x + 1 - start}v1h-${x + 1 - start}z`;
  }
  return path;
}
