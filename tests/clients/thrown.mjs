// The errors that a client with throwErrorOnHttpErrorCode throws: for one page, and for all pages.
import { NorthflankApiCallError } from '@northflank/js-client';
import { connect, print, request } from './client.mjs';

const { restores } = connect({ throwErrorOnHttpErrorCode: true }).get.addon.backup;

const thrown = [];
for (const list of [restores, restores.all]) {
  try {
    await list(request);
  } catch (error) {
    if (!(error instanceof NorthflankApiCallError)) throw error;
    const { status, message, id, details } = error;
    thrown.push({ status, message, id, details });
  }
}

print(thrown);
