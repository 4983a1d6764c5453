// A globalSetup for vitest: starts one server for all tests, without a container, and ends it after them. It needs
// `mockserver` on the PATH, or NORTHFLANK_MOCK_COMMAND. If NORTHFLANK_MOCK_URL is set, it uses the server at that URL.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export default async function setup() {
  if (process.env.NORTHFLANK_MOCK_URL) return async () => {};
  const [command, ...words] = (process.env.NORTHFLANK_MOCK_COMMAND || 'mockserver').split(' ');
  const options = ['serve', '--port', '0', '--log-requests', 'none'];
  const server = spawn(command, [...words, ...options], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(server, 'exit');
  ended.catch(() => {}); // reported below
  await once(server, 'spawn').catch((cause) => {
    throw new Error(`cannot run ${command}: install mockserver, or set NORTHFLANK_MOCK_COMMAND`, { cause });
  });
  process.once('exit', () => server.kill());
  process.env.NORTHFLANK_MOCK_URL = await urlOf(server.stdout);
  return async () => {
    delete process.env.NORTHFLANK_MOCK_URL;
    server.kill();
    await ended;
  };
}

/** The URL in the line that the server logs when it is ready. @param {import('node:stream').Readable} log */
async function urlOf(log) {
  for await (const line of createInterface(log)) {
    const [, url] = /^mockserver is ready at (\S+)/.exec(line) ?? [];
    if (url) return url;
  }
  throw new Error('mockserver ended before it was ready: its output above says why');
}
