#!/usr/bin/env -S node --no-warnings
// Runs a test that was built for wasm32-wasip1, in the engine that Chromium has: WASI and the words of its command line, no files.
import { readFile } from 'node:fs/promises';
import { WASI } from 'node:wasi';

const [, , program, ...words] = process.argv;
const wasi = new WASI({ version: 'preview1', args: [program, ...words], env: process.env });
const { instance } = await WebAssembly.instantiate(await readFile(program), wasi.getImportObject());
process.exitCode = wasi.start(instance);
