// Makes every host name lookup fail. The vendor's command line looks for a newer release of itself each time it runs;
// tests load this file first, so that it finds none and goes on.
import dns from 'node:dns';

dns.lookup = (hostname, options, callback = options) => {
  const error = Object.assign(new Error(`tests resolve no host names: ${hostname}`), { code: 'ENOTFOUND' });
  process.nextTick(callback, error);
};
