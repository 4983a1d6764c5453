// A walk over all of a backup's restores, and how it ended, whatever that was: the client may wait for ever.
import { connect, print, request } from './client.mjs';

let ended = { ending: 'never' };
process.on('exit', () => print(ended));

const walk = async () => {
  const { data, error } = await connect().get.addon.backup.restores.all(request);
  return error ? { ending: 'error', error } : { ending: 'restores', restores: data.restores };
};

walk().then(
  (reached) => (ended = reached),
  ({ code, message }) => (ended = { ending: 'thrown', code, message }),
);
