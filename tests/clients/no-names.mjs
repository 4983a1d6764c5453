// Loaded before the vendor's command line, which looks for a newer release of itself on every call:
// in a test no host name resolves, and it goes on without.
import dns from 'node:dns';

dns.lookup = (hostname, options, callback = options) => {
  const error = Object.assign(new Error(`no name is looked up in a test: ${hostname}`), { code: 'ENOTFOUND' });
  process.nextTick(callback, error);
};
