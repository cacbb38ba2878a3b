import assert from 'node:assert/strict';
import { test } from 'node:test';
import { passkeyObstacle } from './passkey.js';

/** At this address, in a browser that has passkeys. */
function at(address: string, isSecureContext = true): string | undefined {
  const { hostname, port } = new URL(address);
  const browser = { location: { hostname, port }, isSecureContext, PublicKeyCredential: class {}, navigator: { credentials: {} } };
  const before = Object.getOwnPropertyDescriptors(globalThis);
  for (const [name, value] of Object.entries(browser)) Object.defineProperty(globalThis, name, { value, configurable: true });
  try {
    return passkeyObstacle();
  } finally {
    for (const name of Object.keys(browser)) {
      const old = (before as Record<string, PropertyDescriptor | undefined>)[name];
      if (old) Object.defineProperty(globalThis, name, old);
      else Reflect.deleteProperty(globalThis, name);
    }
  }
}

test('passkeys need a name, a secure page and a browser that has them, and each lack is said', () => {
  assert.equal(at('http://localhost:8080/'), undefined);
  assert.equal(at('https://backup.example.com/'), undefined);
  assert.match(at('http://127.0.0.1:8080/')!, /a name.*http:\/\/localhost:8080/);
  assert.match(at('https://192.168.1.7/')!, /a number/);
  assert.doesNotMatch(at('https://192.168.1.7/')!, /localhost/);
  assert.match(at('http://[::1]:8080/')!, /localhost/);
  assert.match(at('http://backup.example.com/', false)!, /HTTPS/);
  assert.match(passkeyObstacle()!, /no passkeys/);
});
