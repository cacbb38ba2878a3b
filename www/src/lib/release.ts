/** Which release of the page this is, and whether its files are those of that release. */

export interface Release { /** SHA-256 of `release.json`, in hex. */ hash: string; /** Every file to its SHA-256. */ files: Record<string, string> }

/** As the service worker keeps it; else as the server has it now, which may be a later one. */
export async function release(): Promise<Release> {
  const bytes = await (await load('release.json')).arrayBuffer();
  const { files } = JSON.parse(new TextDecoder().decode(bytes)) as Pick<Release, 'files'>;
  return { hash: await sha256(bytes), files };
}

/** Reads every file where this browser has it, and names those that are not of the release. */
export async function wrongFiles({ files }: Release): Promise<string[]> {
  const found = await Promise.all(Object.entries(files).map(async ([name, hash]) => {
    const file = await load(name).then((response) => response.arrayBuffer()).then(sha256, () => undefined);
    return file === hash ? undefined : name;
  }));
  return found.filter((name) => name !== undefined);
}

async function load(name: string): Promise<Response> {
  const response = await fetch(`/${name}`);
  if (!response.ok) throw new Error(`${name}: status ${response.status}`);
  return response;
}

/** In hex. */
export async function sha256(bytes: ArrayBuffer): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
