// An app's own back end for backups into its bucket: what `sign` and `list` of a `custom` storage lead to (crate/wasm/BACK-END.md).
import { AwsClient, AwsV4Signer } from 'aws4fetch';

const { S3_ENDPOINT, S3_REGION, S3_BUCKET, S3_KEY_ID, S3_SECRET } = process.env;
const KEYS = { accessKeyId: S3_KEY_ID, secretAccessKey: S3_SECRET, region: S3_REGION, service: 's3' };
const SECONDS = 300;
const PATH = /^[0-9a-f]{32}\/(?:(?:pack|index|snap)\/[0-9a-f]{64}|slot\/[0-9a-f]{32})$/;
const PREFIX = /^(?:[0-9a-f]{32}\/(?:pack|index|snap|slot)\/)?$/;

/** URLs for what this user's vaults may put and get, in order. */
export async function sign(user, requests) {
  return Promise.all(requests.slice(0, 256).map(async ({ method, path, length, sha256 }) => {
    if (!PATH.test(path)) throw new RangeError('This is no path of an object.');
    const url = new URL(`${S3_ENDPOINT}/${S3_BUCKET}/users/${user}/${path}`);
    url.searchParams.set('X-Amz-Expires', String(SECONDS));
    const headers = method === 'PUT' ? conditions(path, length, sha256) : {};
    const signer = new AwsV4Signer({ ...KEYS, method: method === 'PUT' ? 'PUT' : 'GET', url: url.href, headers, signQuery: true, allHeaders: true });
    const signed = await signer.sign();
    delete headers['content-length']; // signed for; the browser sends it by itself
    return { url: signed.url.href, headers, expires: Date.now() + SECONDS * 1000 };
  }));
}

/** With these bytes alone, and only where nothing is yet. */
function conditions(path, length, sha256) {
  const [, kind, name] = path.split('/');
  const fits = kind === 'slot' ? Number.isInteger(length) && length > 0 && length <= 65_536
    : Number.isInteger(Math.log2(length)) && length >= 4096 && length <= 16_777_216;
  if (!fits) throw new RangeError('No object has that length.');
  if (!/^[0-9a-f]{64}$/.test(sha256) || (kind !== 'slot' && name !== sha256)) throw new RangeError("An object's name is its SHA-256.");
  const headers = { 'content-length': String(length), 'x-amz-checksum-sha256': Buffer.from(sha256, 'hex').toString('base64') };
  return kind === 'slot' ? headers : { ...headers, 'if-none-match': '*' };
}

/** This user's objects whose path begins so. */
export async function list(user, prefix) {
  if (!PREFIX.test(prefix)) throw new RangeError('This is no folder of a vault.');
  const objects = [], root = `users/${user}/`, s3 = new AwsClient(KEYS);
  for (let after = '', more = true; more;) {
    const url = new URL(`${S3_ENDPOINT}/${S3_BUCKET}`);
    for (const [name, value] of Object.entries({ 'list-type': '2', prefix: root + prefix, 'start-after': after })) if (value) url.searchParams.set(name, value);
    const answer = await s3.fetch(url.href);
    if (!answer.ok) throw new Error(`The bucket answers ${answer.status}.`);
    const xml = await answer.text();
    // Keys are plain: nothing in them is escaped.
    for (const [, object] of xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
      after = /<Key>([^<]+)<\/Key>/.exec(object)[1];
      objects.push({ path: after.slice(root.length), length: Number(/<Size>(\d+)<\/Size>/.exec(object)[1]) });
    }
    more = xml.includes('<IsTruncated>true</IsTruncated>');
  }
  return objects;
}

/** `POST /backup/sign` and `/backup/list`, for any server of Node. `user` is who has signed in to the app: plain letters and digits. */
export async function backEnd(user, request, response) {
  try {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    const body = JSON.parse(Buffer.concat(pieces).toString());
    const answer = request.url === '/backup/sign' ? await sign(user, body.requests) : await list(user, body.prefix);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  } catch (error) {
    response.writeHead(error instanceof RangeError || error instanceof SyntaxError ? 400 : 503).end();
  }
}
