// Reads a backup's restores page by page, until hasNextPage is false.
import { connect, print, request } from './client.mjs';

const pages = [await connect().get.addon.backup.restores(request)];
while (pages.at(-1).pagination.hasNextPage) {
  pages.push(await pages.at(-1).pagination.getNextPage());
}

print(pages.map(({ data, pagination }) => ({ data, pagination })));
