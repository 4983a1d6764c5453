// Requests page 2, which fails once: the error, whether it leads to a next page, and page 2 again.
import { connect, print, request } from './client.mjs';

const first = await connect().get.addon.backup.restores(request);
const failed = await first.pagination.getNextPage();

print({
  error: failed.error.status,
  hasNextPage: failed.pagination.hasNextPage ?? null,
  itsNextPage: await failed.pagination.getNextPage().catch(({ message }) => message),
  retried: (await first.pagination.getNextPage()).data.restores.length,
});
