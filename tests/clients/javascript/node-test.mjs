// The same with Node's own test runner: `node --test node-test.mjs`

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ApiClient, ApiClientInMemoryContextProvider } from '@northflank/js-client';
import { createProject } from './northflank-mock.mjs';
import { allRestores } from './restores.mjs';
import startServer from './server.mjs';

/** @type {() => Promise<void>} */
let endServer;
before(async () => {
  endServer = await startServer();
});
after(() => endServer());

test('reads every page', async (context) => {
  const mock = await createProject({ scenario: 'many', restores: 180, contract: '2026' });
  context.after(() => mock.delete());
  const contexts = new ApiClientInMemoryContextProvider();
  await contexts.addContext({ name: 'mock', host: mock.baseUrl, token: mock.token });

  const restores = await allRestores(new ApiClient(contexts), mock.parameters);

  assert.equal(restores.length, 180);
  await mock.assertWalk('complete');
});
