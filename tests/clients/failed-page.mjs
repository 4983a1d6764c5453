// What becomes of a second page that fails once: what it says, where it leads, and the same page asked again.
import { connect, print, request } from './client.mjs';

const first = await connect().get.addon.backup.restores(request);
const failed = await first.pagination.getNextPage();

print({
  error: failed.error.status,
  hasNextPage: failed.pagination.hasNextPage ?? null,
  itsNextPage: await failed.pagination.getNextPage().catch(({ message }) => message),
  askedAgain: (await first.pagination.getNextPage()).data.restores.length,
});
