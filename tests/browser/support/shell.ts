import type { Bucket } from './buckets.ts';
import { program, runProgram, type Ended } from './programs.ts';
import type { World } from './world.ts';

/** The command line, with the bucket's keys in its environment and a home of its own. */
export function strongroom(world: World, bucket: Bucket | undefined, ...words: string[]): Promise<Ended> {
  const token = bucket?.sessionToken ? { AWS_SESSION_TOKEN: bucket.sessionToken } : {};
  const keys = bucket ? { AWS_ACCESS_KEY_ID: bucket.keyId, AWS_SECRET_ACCESS_KEY: bucket.secret, AWS_ENDPOINT_URL: bucket.endpoint, AWS_REGION: bucket.region, ...token } : {};
  return runProgram(program('STRONGROOM_CLI'), words, '', { ...process.env, ...keys, XDG_STATE_HOME: world.makeFolder('state') });
}
