// What js-client 0.7.13 has to follow pages with: the types of all() and getNextPage().
import { connect, print, request } from './client.mjs';

const list = connect().get.addon.restores;
const { pagination } = await list(request);
print({ all: typeof list.all, getNextPage: typeof pagination.getNextPage, hasNextPage: pagination.hasNextPage });
