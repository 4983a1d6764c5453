// Reads all of a backup's restores and prints how that ended; 'never' if the client never settles its promise.
import { connect, print, request } from './client.mjs';

let ended = { ending: 'never' };
process.on('exit', () => print(ended));

const walk = async () => {
  const { data, error } = await connect().get.addon.backup.restores.all(request);
  return error ? { ending: 'error', error } : { ending: 'restores', restores: data.restores };
};

walk().then(
  (result) => (ended = result),
  ({ code, message }) => (ended = { ending: 'thrown', code, message }),
);
