// Reads page 1 and page 2; page 2 by its number if the options have one, otherwise by its cursor.
import { connect, print, request } from './client.mjs';

const { restores } = connect().get.addon.backup;
const { page, ...others } = request.options;

const first = await restores({ ...request, options: others });
const second = page ? await restores(request) : await first.pagination.getNextPage();

print([first.data.restores, second.data.restores]);
