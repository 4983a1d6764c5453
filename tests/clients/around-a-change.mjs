// The first page, and the second: by its cursor, or by its number where the options have one.
import { connect, print, request } from './client.mjs';

const { restores } = connect().get.addon.backup;
const { page, ...others } = request.options;

const first = await restores({ ...request, options: others });
const second = page ? await restores(request) : await first.pagination.getNextPage();

print([first.data.restores, second.data.restores]);
