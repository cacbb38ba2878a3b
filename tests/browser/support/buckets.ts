import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';

import { program, TOP } from './programs.ts';

/** A bucket of a real S3 server on loopback, of its own for one test. */
export interface Bucket {
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  readonly keyId: string;
  readonly secret: string;
  readonly sessionToken?: string;
  /** Sets the rules for pages that the page itself printed, as its owner would. */
  setCors(json: string): Promise<void>;
  /** Sets the rules that the doctor printed for uploads that broke off; what the bucket then says they are. */
  setLifecycle(json: string): Promise<string>;
  /** The same with keys of an hour, which may do what that policy allows. Ceph alone makes such. */
  narrowed(policy: string): Promise<Bucket>;
  /** The keys of its objects. */
  keys(): Promise<string[]>;
  stop(): Promise<void>;
}

export type Make = 'ceph' | 'garage';

export async function startBucket(make: Make): Promise<Bucket> {
  const ports = await freePorts(3);
  const port = ports[2]!;
  const words = make === 'garage'
    ? ['garage.sh', program('STRONGROOM_GARAGE'), ports[0]!, port, 'bucket', '.garage.test']
    : ['ceph.sh', ...ports];
  const [script, ...rest] = words.map(String);
  const child = spawn('sh', [path.join(TOP, 'tests/buckets', script!), ...rest], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await once(createInterface(child.stdout), 'line') as [string];
  if (line !== 'ready') throw new Error(`${script} does not start`);
  const [region, keyId, secret] = make === 'garage'
    ? ['garage', 'GK0123456789abcdef01234567', '0123456789abcdef'.repeat(4)]
    : ['us-east-1', 'TESTKEY', 'TESTSECRET'];
  const endpoint = `http://127.0.0.1:${port}`;
  const signed = (service: string, words: string[]): Promise<string> => run('curl', ['--silent', '--show-error', '--fail-with-body', '--aws-sigv4', `aws:amz:${region}:${service}`, '--user', `${keyId}:${secret}`, ...words]);
  const curl = (words: string[]): Promise<string> => signed('s3', words);
  const put = async (subject: string, xml: string): Promise<string> =>
    curl(['--request', 'PUT', '--header', `x-amz-content-sha256: ${await digest('SHA-256', xml)}`, '--data-binary', xml, `${endpoint}/bucket?${subject}=`]);
  const get = async (query: string): Promise<string> => curl(['--header', `x-amz-content-sha256: ${await digest('SHA-256', '')}`, `${endpoint}/bucket?${query}`]);
  const role = (fields: Record<string, string>): Promise<string> => signed('sts', ['--data', Object.entries(fields).map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&'), endpoint]);
  const here: Bucket = {
    endpoint, region, keyId, secret, bucket: 'bucket',
    setCors: async (json) => { await put('cors', corsXml(json)); },
    setLifecycle: async (json) => {
      await put('lifecycle', lifecycleXml(json));
      return get('lifecycle=');
    },
    narrowed: async (policy) => {
      const trusted = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { AWS: ['arn:aws:iam:::user/test'] }, Action: ['sts:AssumeRole'] }] };
      await role({ Action: 'CreateRole', RoleName: 'narrowed', Path: '/', AssumeRolePolicyDocument: JSON.stringify(trusted) });
      await role({ Action: 'PutRolePolicy', RoleName: 'narrowed', PolicyName: 'doctor', PolicyDocument: policy });
      const xml = await role({ Action: 'AssumeRole', RoleArn: 'arn:aws:iam:::role/narrowed', RoleSessionName: 'a-test', DurationSeconds: '3600' });
      const told = (name: string): string => new RegExp(`<${name}>([^<]+)</${name}>`).exec(xml)![1]!;
      return { ...here, keyId: told('AccessKeyId'), secret: told('SecretAccessKey'), sessionToken: told('SessionToken') };
    },
    keys: async () => {
      const xml = await get('list-type=2');
      return [...xml.matchAll(/<Key>([^<]*)<\/Key>/g)].map((found) => found[1]!);
    },
    stop: async () => {
      const ended = once(child, 'exit');
      child.stdin.end();
      await ended;
    },
  };
  return here;
}

/** What `aws s3api put-bucket-cors` makes of its JSON. */
function corsXml(json: string): string {
  interface Rule { AllowedOrigins: string[]; AllowedMethods: string[]; AllowedHeaders: string[]; ExposeHeaders: string[]; MaxAgeSeconds: number }
  const { CORSRules } = JSON.parse(json) as { CORSRules: Rule[] };
  const all = (name: string, values: (string | number)[]): string => values.map((value) => `<${name}>${value}</${name}>`).join('');
  const rules = CORSRules.map((rule) => `<CORSRule>${all('AllowedOrigin', rule.AllowedOrigins)}${all('AllowedMethod', rule.AllowedMethods)}${
    all('AllowedHeader', rule.AllowedHeaders)}${all('ExposeHeader', rule.ExposeHeaders)}${all('MaxAgeSeconds', [rule.MaxAgeSeconds])}</CORSRule>`);
  return `<CORSConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${rules.join('')}</CORSConfiguration>`;
}

/** What `aws s3api put-bucket-lifecycle-configuration` makes of its JSON. */
function lifecycleXml(json: string): string {
  interface Rule { ID: string; Status: string; Filter: { Prefix: string }; AbortIncompleteMultipartUpload: { DaysAfterInitiation: number } }
  const { Rules } = JSON.parse(json) as { Rules: Rule[] };
  const rules = Rules.map(({ ID, Status, Filter, AbortIncompleteMultipartUpload: { DaysAfterInitiation } }) => `<Rule><ID>${ID}</ID><Status>${Status}</Status><Filter><Prefix>${
    Filter.Prefix}</Prefix></Filter><AbortIncompleteMultipartUpload><DaysAfterInitiation>${DaysAfterInitiation}</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule>`);
  return `<LifecycleConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${rules.join('')}</LifecycleConfiguration>`;
}

async function digest(algorithm: string, text: string): Promise<string> {
  return Buffer.from(await crypto.subtle.digest(algorithm, Buffer.from(text))).toString('hex');
}

function run(file: string, words: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(file, words, (error, stdout, stderr) => { if (error) reject(new Error(`${error.message}\n${stdout}${stderr}`)); else resolve(stdout); });
  });
}

/** All held at once, so that none is given twice. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server;
  }));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}
